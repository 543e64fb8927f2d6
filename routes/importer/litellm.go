package importer

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/routes"
)

// Beside reads a file that another file names.
type Beside func(name string) ([]byte, error)

// LiteLLM makes a catalog of a config file of LiteLLM's proxy: the models of
// model_list, the routes of its semantic auto routers with their examples, fallbacks
// as further models of a route, and an alias for each name that clients ask for.
// beside reads the router files that it names. What is not carried over is a warning:
// providers that speak neither OpenAI's, Anthropic's nor Ollama's protocol, keys that
// stand in the file, tiers told by heuristics, and all settings of the proxy itself.
func LiteLLM(r io.Reader, name string, beside Beside) (*routes.Catalog, Report, error) {
	in := newImporter(name)
	v, ok, err := in.yaml(r)
	if err != nil {
		return nil, Report{}, err
	}
	if ok {
		l := &litellm{importer: in, beside: beside, fallbacks: map[string][]string{}}
		l.read(v)
		l.conclude()
	}
	return in.finish()
}

// yaml reads the whole file; false where it cannot be used, with the reason noted.
func (in *importer) yaml(r io.Reader) (strictyaml.Value, bool, error) {
	data, err := io.ReadAll(io.LimitReader(r, routes.MaxCatalogBytes+1))
	if err != nil {
		return strictyaml.Value{}, false, err
	}
	if len(data) > routes.MaxCatalogBytes {
		in.found.Add(routes.Position{File: in.name}, "is larger than %d MiB", routes.MaxCatalogBytes>>20)
		return strictyaml.Value{}, false, nil
	}
	v, ok := strictyaml.Parse(in.name, data, &in.found)
	if !ok && in.found.Count() == 0 {
		in.found.Add(routes.Position{File: in.name}, "the file is empty")
	}
	return v, ok, nil
}

// litellm is what one config file says.
type litellm struct {
	*importer
	beside    Beside
	routers   []autoRouter
	fallbacks map[string][]string // by model
}

// file is the name of the config file.
func (in *importer) file() string { return in.name }

// autoRouter is an entry of model_list that chooses among the others.
type autoRouter struct {
	at             routes.Position
	name, file     string
	inline, backup string
}

func (l *litellm) read(v strictyaml.Value) {
	v.Entries("the config", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "model_list":
			item.List(key, l.entry)
		case "router_settings":
			l.settings(item)
		case "environment_variables", "general_settings", "litellm_settings":
			l.warn(at, "%s is not carried over: who may call, budgets and storage are set by flags and `semroute keys`", key)
		default:
			l.warn(at, "%s is not carried over", key)
		}
	})
}

// settings reads the fallbacks of the router.
func (l *litellm) settings(v strictyaml.Value) {
	v.Entries("router_settings", func(key string, at routes.Position, item strictyaml.Value) {
		if key != "fallbacks" {
			l.warn(at, "router_settings.%s is not carried over", key)
			return
		}
		item.List(key, func(one strictyaml.Value) {
			one.Entries("a fallback", func(model string, _ routes.Position, list strictyaml.Value) {
				list.List("the fallbacks of "+strictyaml.Quote(model), func(other strictyaml.Value) {
					l.fallbacks[model] = append(l.fallbacks[model], scalarText(other))
				})
			})
		})
	})
}

// entry reads one of model_list.
func (l *litellm) entry(v strictyaml.Value) {
	name := ""
	params, info := map[string]strictyaml.Value{}, map[string]strictyaml.Value{}
	into := func(what string, item strictyaml.Value, to map[string]strictyaml.Value) {
		item.Entries(what, func(key string, at routes.Position, value strictyaml.Value) {
			if to[key] = value; !slices.Contains(carried, key) {
				l.warn(at, "model %s: %s is not carried over", strictyaml.Quote(name), key)
			}
		})
	}
	ok := v.Entries("an entry of model_list", func(key string, at routes.Position, item strictyaml.Value) {
		switch key {
		case "model_name":
			name = scalarText(item)
		case "litellm_params":
			into(key, item, params)
		case "model_info":
			into(key, item, info)
		default:
			l.warn(at, "model %s: %s is not carried over", strictyaml.Quote(name), key)
		}
	})
	if !ok {
		return
	}
	model := scalarText(params["model"])
	switch kind, of, _ := strings.Cut(model, "/"); {
	case name == "" || model == "":
		v.Bad("an entry of model_list needs model_name and litellm_params.model")
	case kind == "auto_router" && strings.HasPrefix(of, "complexity_router"):
		l.warn(v.Place, "the router %s is not carried over: it tells tiers by heuristics and has no examples to route by; write routes with utterances, `semroute init` shows how", strictyaml.Quote(name))
	case kind == "auto_router":
		l.routers = append(l.routers, autoRouter{
			at: v.Place, name: name, file: scalarText(params["auto_router_config_path"]), inline: scalarText(params["auto_router_config"]), backup: scalarText(params["auto_router_default_model"]),
		})
	default:
		l.deployment(v.Place, name, model, params, info)
	}
}

// carried are the keys of litellm_params and model_info that mean something here, or
// nothing at all.
var carried = []string{
	"model", "api_base", "api_key", "timeout", "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost",
	"max_input_tokens", "supports_function_calling", "supports_vision", "supports_response_schema", "id", "mode",
	"auto_router_config_path", "auto_router_config", "auto_router_default_model", "auto_router_embedding_model",
}

// protocols are the providers whose servers are spoken to as they are.
var protocols = map[string]routes.Provider{"openai": routes.OpenAI, "anthropic": routes.Anthropic, "ollama": routes.Ollama, "ollama_chat": routes.Ollama}

// deployment reads a model that answers.
func (l *litellm) deployment(at routes.Position, name, model string, params, info map[string]strictyaml.Value) {
	m := routes.Model{Name: name, Model: model, Provider: routes.OpenAI, BaseURL: scalarText(params["api_base"])}
	prefix, rest, prefixed := strings.Cut(model, "/")
	switch provider, known := protocols[prefix]; {
	case prefixed && known:
		m.Provider, m.Model = provider, rest
	case prefixed && m.BaseURL != "": // any other server is taken to speak OpenAI's protocol
		m.Model = rest
	case prefixed:
		l.warn(at, "model %s is left out: %s has another protocol; give the address of a server that speaks OpenAI's as api_base", strictyaml.Quote(name), prefix)
		return
	case strings.HasPrefix(model, "claude"):
		m.Provider = routes.Anthropic
	}
	if m.Provider != routes.Ollama {
		l.secrets(&m, params["api_key"], at)
	}
	dollars := map[string]float64{}
	for key, kind := range map[string]string{
		"input_cost_per_token": "input", "output_cost_per_token": "output", "cache_read_input_token_cost": "cached", "cache_creation_input_token_cost": "write",
	} {
		for _, from := range []map[string]strictyaml.Value{info, params} {
			if d, ok := number(from[key]); ok {
				dollars[kind] = d * 1e6
			}
		}
	}
	l.priced(&m, at, dollars)
	if n, ok := number(info["max_input_tokens"]); ok && n >= 1 && n <= 1e9 {
		m.ContextTokens = int(n)
	}
	for key, c := range map[string]routes.Capability{"supports_function_calling": routes.Tools, "supports_vision": routes.Vision, "supports_response_schema": routes.JSON} {
		if scalarText(info[key]) == "true" {
			m.Capabilities = append(m.Capabilities, c)
		}
	}
	slices.Sort(m.Capabilities)
	if s, ok := number(params["timeout"]); ok && s >= 0.001 && s <= 86400 {
		m.Timeout = time.Duration(s * float64(time.Second))
	}
	l.model(at, m)
}

// conclude makes routes of the routers, and aliases of the names that clients know.
func (l *litellm) conclude() {
	for _, r := range l.routers {
		l.alias(r.name, "auto")
		if backup := l.modelsOf(r.backup); len(backup) > 0 && len(l.fallback.Models) == 0 {
			l.fallback.Models = l.withFallbacks(r.backup)
		}
		data := []byte(r.inline)
		if r.file != "" {
			var err error
			if data, err = l.beside(r.file); err != nil {
				l.found.Add(r.at, "router %s: %s", strictyaml.Quote(r.name), err)
				continue
			}
		}
		l.examples(r, data)
	}
	names := make([]string, 0, len(l.named))
	for name := range l.named {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		l.alias(name, "model:"+l.named[name][0])
		if others := l.named[name][1:]; len(others) > 0 {
			l.warn(routes.Position{File: l.file()}, "model %s has %d deployments: %s; a route that lists them all fails over among them", strictyaml.Quote(name), 1+len(others), strings.Join(l.named[name], ", "))
		}
	}
	if len(l.fallback.Models) == 0 && len(l.models) > 0 {
		l.fallback.Models = []string{l.models[0].Name}
		l.warn(routes.Position{File: l.file()}, "what fits no route is served by %s; change `fallback` where that is not right", strictyaml.Quote(l.models[0].Name))
	}
}

// examples reads a router file: its routes are named after models.
func (l *litellm) examples(r autoRouter, data []byte) {
	router, report, err := Aurelio(bytes.NewReader(data), orName(r.file, l.file()), formatOf(r.file, data))
	if err != nil {
		l.found.Add(r.at, "router %s: %s", strictyaml.Quote(r.name), err)
		return
	}
	l.report.Warnings = append(l.report.Warnings, report.Warnings...)
	for _, route := range router.Routes {
		for _, text := range route.Utterances {
			l.add(text, route.Name, r.at)
		}
		route.Models = l.withFallbacks(route.Name)
		if len(route.Models) == 0 {
			l.warn(r.at, "route %s names no model of model_list: give it models", strictyaml.Quote(route.Name))
		}
		l.extra[route.Name] = route
	}
}

// withFallbacks are a model's names, and those that stand in for it.
func (l *litellm) withFallbacks(name string) []string {
	return l.modelsOf(append([]string{name}, l.fallbacks[name]...)...)
}

func (in *importer) alias(name, target string) {
	if in.aliases[name] == "" && routes.UsableAlias(name) {
		in.aliases[name] = target
	}
}

func orName(name, or string) string {
	if name == "" {
		return or
	}
	return name
}

// formatOf tells JSON from YAML by the name, else by how the text begins.
func formatOf(name string, data []byte) Format {
	if strings.HasSuffix(strings.ToLower(name), ".json") || name == "" && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return JSON
	}
	return YAML
}
