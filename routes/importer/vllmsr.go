package importer

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/routes"
)

// VLLMSR makes a catalog of a config file of vLLM's semantic router, of the form with
// providers, routing.signals and routing.decisions or the older one with
// vllm_endpoints, embedding_rules and decisions. A decision on one embedding signal
// becomes a route with the signal's candidates as utterances; one on keywords alone
// becomes a rule; models, prices and the default model are carried over. What is not
// is a warning: decisions that combine signals, domains, which its classifier knows
// without examples, and everything that is done to prompts and answers.
func VLLMSR(r io.Reader, name string) (*routes.Catalog, Report, error) {
	in := newImporter(name)
	v, ok, err := in.yaml(r)
	if err != nil {
		return nil, Report{}, err
	}
	if ok {
		s := &vllmsr{importer: in, examples: map[string][]strictyaml.Value{}, keywords: map[string]keywordSignal{}, domains: map[string]string{}, endpoints: map[string]string{}}
		s.read(v)
		s.conclude()
	}
	return in.finish()
}

type vllmsr struct {
	*importer
	examples  map[string][]strictyaml.Value // by embedding signal
	keywords  map[string]keywordSignal
	domains   map[string]string // descriptions, by name
	decisions []strictyaml.Value
	endpoints map[string]string // addresses of the older form, by name
	backup    string
}

type keywordSignal struct {
	words []string
	all   bool // of them, not any
	exact bool // in case
}

func (s *vllmsr) read(v strictyaml.Value) {
	v.Entries("the config", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "version":
		case "providers":
			s.providers(item)
		case "vllm_endpoints":
			item.List(key, func(e strictyaml.Value) {
				s.endpoints[e.Peek("name")] = "http://" + e.Peek("address") + ":" + fieldText(e, "port") + "/v1"
			})
		case "model_config":
			item.Entries(key, func(model string, at routes.Position, m strictyaml.Value) { s.olderModel(model, at, m) })
		case "routing":
			s.routing(item)
		case "embedding_rules":
			item.List(key, func(e strictyaml.Value) { s.embedding(e, "category", "keywords") })
		case "keyword_rules":
			item.List(key, func(k strictyaml.Value) { s.keyword(k, "category") })
		case "categories":
			item.List(key, s.domain)
		case "decisions":
			item.List(key, func(d strictyaml.Value) { s.decisions = append(s.decisions, d) })
		case "default_model":
			s.backup = scalarText(item)
		default:
			s.warn(at, "%s is not carried over", key)
		}
	})
}

func (s *vllmsr) routing(v strictyaml.Value) {
	v.Entries("routing", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "strategy":
		case "signals":
			item.Entries(key, func(kind string, at routes.Position, list strictyaml.Value) {
				switch kind {
				case "embeddings":
					list.List(kind, func(e strictyaml.Value) { s.embedding(e, "name", "candidates") })
				case "keywords":
					list.List(kind, func(k strictyaml.Value) { s.keyword(k, "name") })
				case "domains":
					list.List(kind, s.domain)
				default:
					s.warn(at, "signals of %s are not carried over", kind)
				}
			})
		case "decisions":
			item.List(key, func(d strictyaml.Value) { s.decisions = append(s.decisions, d) })
		default:
			s.warn(at, "routing.%s is not carried over", key)
		}
	})
}

// fieldText is a plain value of a mapping, "" where there is none.
func fieldText(v strictyaml.Value, wanted string) (text string) {
	if v.Kind() == "a mapping" {
		v.Entries("it", func(key string, _ routes.Position, item strictyaml.Value) {
			if key == wanted {
				text = scalarText(item)
			}
		})
	}
	return text
}

func (s *vllmsr) embedding(v strictyaml.Value, nameKey, textsKey string) {
	name, texts := "", []strictyaml.Value(nil)
	v.Entries("an embedding signal", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case nameKey:
			name = scalarText(item)
		case textsKey:
			item.List(key, func(u strictyaml.Value) { texts = append(texts, u) })
		case "threshold":
			s.warn(at, "signal %s: threshold %s is not carried over, because the scales differ; run semroute fit", strictyaml.Quote(name), scalarText(item))
		case "aggregation_method", "model", "dimension", "quality_priority", "latency_priority", "query_modality", "description":
		default:
			s.warn(at, "signal %s: %s is not carried over", strictyaml.Quote(name), key)
		}
	})
	s.examples[name] = texts
}

func (s *vllmsr) keyword(v strictyaml.Value, nameKey string) {
	k, name := keywordSignal{}, ""
	v.Entries("a keyword signal", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case nameKey:
			name = scalarText(item)
		case "keywords":
			item.List(key, func(w strictyaml.Value) { k.words = append(k.words, scalarText(w)) })
		case "operator":
			k.all = strings.EqualFold(scalarText(item), "AND")
		case "case_sensitive":
			k.exact = scalarText(item) == "true"
		case "method":
			if m := scalarText(item); m != "" && m != "regex" {
				s.warn(at, "signal %s: words are looked for as they stand, not by %s", strictyaml.Quote(name), m)
			}
		default:
			s.warn(at, "signal %s: %s is not carried over", strictyaml.Quote(name), key)
		}
	})
	s.keywords[name] = k
}

func (s *vllmsr) domain(v strictyaml.Value) { s.domains[v.Peek("name")] = v.Peek("description") }

// conclude makes routes and rules of the decisions.
func (s *vllmsr) conclude() {
	for _, d := range s.decisions {
		s.decision(d)
	}
	if backup := s.modelsOf(s.backup); len(backup) > 0 {
		s.fallback.Models = backup
	}
}

func (s *vllmsr) decision(v strictyaml.Value) {
	name := v.Peek("name")
	by := "decision " + strictyaml.Quote(name)
	var conditions []strictyaml.Value
	var models []string
	operator, description := "", ""
	ok := v.Entries("a decision", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "name", "priority":
		case "description":
			description = scalarText(item)
		case "rules":
			item.Entries(key, func(part string, _ routes.Position, rule strictyaml.Value) {
				switch part {
				case "operator":
					operator = scalarText(rule)
				case "conditions":
					rule.List(part, func(c strictyaml.Value) { conditions = append(conditions, c) })
				}
			})
		case "modelRefs":
			item.List(key, func(ref strictyaml.Value) {
				if m := ref.Peek("model"); m != "" {
					models = append(models, m)
				}
			})
		default:
			s.warn(at, "%s: %s is not carried over: prompts are routed, not rewritten", by, key)
		}
	})
	if !ok || name == "" {
		return
	}
	own := s.modelsOf(models...)
	if len(own) < len(models) {
		s.warn(v.Place, "%s: a model that it names is not in the catalog", by)
	}
	s.routeOf(v.Place, by, routes.Route{Name: name, Description: description, Models: own}, operator, conditions)
}

// routeOf makes a route or a rule of a decision's conditions.
func (s *vllmsr) routeOf(at routes.Position, by string, r routes.Route, operator string, conditions []strictyaml.Value) {
	var texts []strictyaml.Value
	var words []string
	for _, c := range conditions {
		kind, signal := c.Peek("type"), c.Peek("name")
		switch {
		case kind == "embedding" || kind == "domain" && len(s.examples[signal]) > 0:
			texts = append(texts, s.examples[signal]...)
		case kind == "keyword" && len(s.keywords[signal].words) > 0:
			words = append(words, s.keywords[signal].expression())
		case kind == "domain":
			s.warn(c.Place, "%s: the domain %s has no examples; give the route utterances (%s)", by, strictyaml.Quote(signal), orName(s.domains[signal], "no description"))
		default:
			s.warn(c.Place, "%s: the condition on %s %s is not carried over; see rules in docs/decisions.md", by, kind, strictyaml.Quote(signal))
		}
	}
	if len(conditions) > 1 && !strings.EqualFold(operator, "OR") && (len(texts) > 0 || len(words) > 0) {
		s.warn(at, "%s: its conditions were joined by %s; here each of them leads to the route", by, orName(operator, "AND"))
	}
	taken := 0
	for _, u := range texts {
		if _, isText := u.Node.(*ast.StringNode); isText {
			s.add(scalarText(u), r.Name, u.Place)
			taken++
		}
	}
	switch {
	case taken > 0:
		s.extra[r.Name] = r
		for i, w := range words {
			s.rules = append(s.rules, routes.Rule{Name: ruleName(r.Name, i), When: w, Route: r.Name})
		}
	case len(words) > 0 && len(r.Models) > 0:
		for i, w := range words {
			s.rules = append(s.rules, routes.Rule{Name: ruleName(r.Name, i), When: w, Model: r.Models[0]})
		}
	default:
		s.warn(at, "%s is left out: there is nothing to route by; write a route with utterances", by)
	}
}

func ruleName(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, i+1)
}

// expression looks for the words, as a rule's condition.
func (k keywordSignal) expression() string {
	flags := "(?i)"
	if k.exact {
		flags = ""
	}
	one := func(pattern string) string {
		return "prompt.matches(" + celText(flags+`(^|[^\pL\pN])(`+pattern+`)($|[^\pL\pN])`) + ")"
	}
	var parts []string
	for _, w := range k.words {
		parts = append(parts, regexp.QuoteMeta(w))
	}
	if !k.all {
		return one(strings.Join(parts, "|"))
	}
	for i, p := range parts {
		parts[i] = one(p)
	}
	return strings.Join(parts, " && ")
}

// celText writes a text as CEL does.
func celText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}

// providers reads the models of the newer form.
func (s *vllmsr) providers(v strictyaml.Value) {
	v.Entries("providers", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "defaults":
			s.backup = item.Peek("model")
		case "models":
			item.List(key, s.newerModel)
		default:
			s.warn(at, "providers.%s is not carried over", key)
		}
	})
}

func (s *vllmsr) newerModel(v strictyaml.Value) {
	m := routes.Model{Name: v.Peek("name"), Model: orName(v.Peek("provider_model_id"), v.Peek("name")), Provider: routes.OpenAI}
	if v.Peek("api_format") == "anthropic" {
		m.Provider = routes.Anthropic
	}
	dollars := map[string]float64{}
	var backends []routes.Model
	v.Entries("a model", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "name", "provider_model_id", "api_format":
		case "pricing":
			item.Entries(key, func(part string, _ routes.Position, p strictyaml.Value) {
				kind := map[string]string{"prompt_per_1m": "input", "completion_per_1m": "output", "cached_input_per_1m": "cached", "cache_write_per_1m": "write"}[part]
				if d, ok := number(p); ok && kind != "" {
					dollars[kind] = d
				}
			})
		case "backend_refs":
			item.List(key, func(b strictyaml.Value) { backends = append(backends, s.backend(m, b)) })
		default:
			s.warn(at, "model %s: %s is not carried over", strictyaml.Quote(m.Name), key)
		}
	})
	if len(backends) == 0 {
		s.warn(v.Place, "model %s is left out: it names no server", strictyaml.Quote(m.Name))
		return
	}
	for _, b := range backends {
		s.priced(&b, v.Place, dollars)
		s.model(v.Place, b)
	}
	if len(backends) > 1 {
		s.warn(v.Place, "model %s: its weights are not carried over; a route that lists its servers fails over among them", strictyaml.Quote(m.Name))
	}
}

func (s *vllmsr) backend(m routes.Model, v strictyaml.Value) routes.Model {
	m.BaseURL = v.Peek("base_url")
	if endpoint := v.Peek("endpoint"); m.BaseURL == "" && endpoint != "" {
		m.BaseURL = orName(v.Peek("protocol"), "http") + "://" + strings.TrimSuffix(endpoint, "/")
		if m.Provider == routes.OpenAI {
			m.BaseURL += "/v1"
		}
	}
	m.APIKeyEnv = v.Peek("api_key_env")
	if slices.Contains(v.Keys(), "api_key") {
		s.warn(v.Place, "model %s: the key in the file is not carried over, for a catalog holds no secrets; set api_key_env", strictyaml.Quote(m.Name))
	}
	return m
}

// olderModel reads a model of model_config, at the endpoint that it prefers.
func (s *vllmsr) olderModel(name string, at routes.Position, v strictyaml.Value) {
	m := routes.Model{Name: name, Model: name, Provider: routes.OpenAI}
	v.Entries("a model", func(key string, at routes.Position, item strictyaml.Value) {
		if key != "preferred_endpoints" {
			s.warn(at, "model %s: %s is not carried over", strictyaml.Quote(name), key)
			return
		}
		item.List(key, func(e strictyaml.Value) {
			if m.BaseURL == "" {
				m.BaseURL = s.endpoints[scalarText(e)]
			}
		})
	})
	if m.BaseURL == "" {
		s.warn(at, "model %s is left out: it prefers no endpoint that the file has", strictyaml.Quote(name))
		return
	}
	s.model(at, m)
}
