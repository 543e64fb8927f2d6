package routes

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WriteCatalog writes a catalog as one YAML file that Load reads back as the
// same catalog, with the same fingerprint. Equal catalogs give equal bytes.
// Comments and the split into files are not kept.
func WriteCatalog(w io.Writer, c *Catalog) error {
	out := yamlWriter{bufio.NewWriter(w)}
	out.mapping(catalogYAML(c), "")
	return out.Flush()
}

func catalogYAML(c *Catalog) mapping {
	var m mapping
	m.put("models", listOf(c.Models, modelYAML))
	m.put("routes", listOf(c.Routes, routeYAML))
	m.put("rules", listOf(c.Rules, ruleYAML))
	var fallback mapping
	fallback.put("models", names(c.Fallback.Models))
	fallback.put("route", nameOrNone(c.Fallback.Route))
	m.put("fallback", fallback)
	m.put("none", texts(c.None))
	m.put("thresholds", thresholdsYAML(c.Thresholds))
	m.put("budgets", listOf(c.Budgets, budgetYAML))
	if c.Fitted != nil {
		m.put("fitted", fittedMapping(*c.Fitted))
	}
	return m
}

func listOf[T any](all []T, one func(T) mapping) list {
	out := make(list, len(all))
	for i, item := range all {
		out[i] = one(item)
	}
	return out
}

func modelYAML(m Model) mapping {
	var out mapping
	out.put("name", nameOrNone(m.Name))
	out.put("provider", nameOrNone(m.Provider))
	out.put("model", nameOrNone(m.Model))
	out.put("base_url", quotedOrNone(m.BaseURL))
	out.put("api_key_env", nameOrNone(m.APIKeyEnv))
	out.put("api_key_file", quotedOrNone(m.APIKeyFile))
	out.put("price", pricesYAML(m.Prices))
	out.put("context_tokens", countOrNone(m.ContextTokens))
	out.put("capabilities", names(m.Capabilities))
	out.put("timeout", durationOrNone(m.Timeout))
	out.put("max_concurrent", countOrNone(m.MaxConcurrent))
	out.put("max_tokens_field", nameOrNone(m.MaxTokensField))
	if m.StreamOptions != nil {
		out.put("stream_options", raw(strconv.FormatBool(*m.StreamOptions)))
	}
	return out
}

// pricesYAML is one mapping where one price has always counted, else a list.
func pricesYAML(all Prices) any {
	if len(all) == 1 && all[0].ValidFrom.IsZero() {
		return priceYAML(all[0])
	}
	return listOf(all, priceYAML)
}

func priceYAML(p Price) mapping {
	var out mapping
	switch {
	case p.ValidFrom.IsZero():
	case p.ValidFrom.Equal(p.ValidFrom.Truncate(24 * time.Hour)):
		out.put("valid_from", quotedText(p.ValidFrom.UTC().Format(time.DateOnly)))
	default:
		out.put("valid_from", quotedText(p.ValidFrom.UTC().Format(time.RFC3339Nano)))
	}
	out = append(out, ratesYAML(p.Rates)...)
	out.put("tiers", listOf(p.Tiers, func(t PriceTier) mapping {
		return append(mapping{{"above_tokens", countOrNone(t.AboveTokens)}}, ratesYAML(t.Rates)...)
	}))
	return out
}

func ratesYAML(r Rates) mapping {
	var out mapping
	out.put("input_per_mtok", raw(formatDollars(r.InputPerMTok)))
	out.put("output_per_mtok", raw(formatDollars(r.OutputPerMTok)))
	out.put("cached_input_per_mtok", dollarsOrNone(r.CachedInputPerMTok))
	out.put("cache_write_per_mtok", dollarsOrNone(r.CacheWritePerMTok))
	return out
}

func routeYAML(r Route) mapping {
	var out mapping
	out.put("name", nameOrNone(r.Name))
	out.put("description", quotedOrNone(r.Description))
	out.put("models", names(r.Models))
	out.put("min_confidence", floatOrNone(r.MinConfidence))
	out.put("min_margin", floatOrNone(r.MinMargin))
	var metadata mapping
	for _, key := range slices.Sorted(maps.Keys(r.Metadata)) {
		metadata.put(key, quotedText(r.Metadata[key]))
	}
	out.put("metadata", metadata)
	out = append(out, forwardingYAML(r.Forwarding)...)
	out.put("utterances", texts(r.Utterances))
	return out
}

func forwardingYAML(f Forwarding) mapping {
	var out, weights, tiers, timeouts mapping
	out.put("strategy", nameOrNone(f.Strategy))
	for _, model := range slices.Sorted(maps.Keys(f.Weights)) {
		weights.put(model, raw(strconv.Itoa(f.Weights[model])))
	}
	out.put("weights", weights)
	out.put("max_quality_loss", floatOrNone(f.MaxQualityLoss))
	out.put("max_price", dollarsOrNone(f.MaxPrice))
	if f.Cascade != nil {
		var cascade mapping
		cascade.put("accept", listOf(f.Cascade.Accept, checkYAML))
		out.put("cascade", cascade)
	}
	for _, tier := range slices.Sorted(maps.Keys(f.Tiers)) {
		tiers.put(tier, names(f.Tiers[tier]))
	}
	out.put("tiers", tiers)
	out.put("hedge_after", durationOrNone(f.HedgeAfter))
	out.put("max_attempts", countOrNone(f.MaxAttempts))
	timeouts.put("attempt", durationOrNone(f.Timeouts.Attempt))
	timeouts.put("total", durationOrNone(f.Timeouts.Total))
	out.put("timeouts", timeouts)
	return out
}

func checkYAML(c Check) mapping {
	var value any
	switch c.Kind {
	case MatchesRegex, NotRegex:
		value = quotedText(c.Pattern)
	case MatchesSchema:
		value = schemaYAML(c.JSONSchema)
	case MeanLogprob:
		value = floatOf(c.MinLogprob)
	case JudgedBy:
		var judge mapping
		if c.Judge != nil {
			judge.put("model", nameOrNone(c.Judge.Model))
			judge.put("min_score", floatOf(c.Judge.MinScore))
			judge.put("prompt", quotedOrNone(c.Judge.Prompt))
		}
		value = judge
	case WhenTrue:
		value = quotedText(c.When)
	case NotRefusal, NotEmpty:
		value = raw("true")
	}
	return mapping{{string(c.Kind), value}}
}

// schemaYAML writes a JSON schema in one line; JSON in one line, with the
// writer's own quoting, is YAML too.
func schemaYAML(text string) raw {
	var tree any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return quotedText(text)
	}
	return inOneLine(tree)
}

func inOneLine(tree any) raw {
	var parts []string
	switch t := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(t)) {
			parts = append(parts, string(quotedText(key)+": "+inOneLine(t[key])))
		}
		return raw("{" + strings.Join(parts, ", ") + "}")
	case []any:
		for _, item := range t {
			parts = append(parts, string(inOneLine(item)))
		}
		return raw("[" + strings.Join(parts, ", ") + "]")
	case string:
		return quotedText(t)
	case json.Number:
		return raw(t.String())
	case bool:
		return raw(strconv.FormatBool(t))
	}
	return "null"
}

func ruleYAML(r Rule) mapping {
	var out mapping
	out.put("name", nameOrNone(r.Name))
	out.put("when", quotedOrNone(r.When))
	out.put("route", nameOrNone(r.Route))
	out.put("model", nameOrNone(r.Model))
	if r.Abstain {
		out.put("abstain", raw("true"))
	}
	out.put("only", names(r.Only))
	return out
}

func budgetYAML(b Budget) mapping {
	var out mapping
	out.put("name", nameOrNone(b.Name))
	out.put("per", nameOrNone(b.Per))
	out.put("match", nameOrNone(b.Match))
	out.put("usd", dollarsOrNone(b.USD))
	out.put("tokens_per_minute", countOrNone(b.TokensPerMinute))
	out.put("window", nameOrNone(b.Window))
	out.put("on_exceeded", nameOrNone(b.OnExceeded))
	return out
}

func thresholdsYAML(t Thresholds) mapping {
	var out mapping
	out.put("min_confidence", floatOrNone(t.MinConfidence))
	out.put("min_margin", floatOrNone(t.MinMargin))
	out.put("min_similarity", floatOrNone(t.MinSimilarity))
	return out
}

func fittedMapping(f Fitted) mapping {
	var out, bounds mapping
	out.put("embedder", quotedText(f.Embedder))
	out.put("training", quotedOrNone(f.Training))
	out.put("precision", floatOf(f.Precision))
	out.put("thresholds", thresholdsYAML(f.Thresholds))
	for _, route := range slices.Sorted(maps.Keys(f.Routes)) {
		bounds.put(route, floatOf(f.Routes[route]))
	}
	out.put("routes", bounds)
	if f.Static != nil {
		var static mapping
		static.put("min_confidence", floatOf(f.Static.MinConfidence))
		static.put("min_margin", floatOf(f.Static.MinMargin))
		out.put("static", static)
	}
	return out
}

// fittedYAML is the text of the file that WriteFitted writes.
func fittedYAML(f Fitted) string {
	var b strings.Builder
	out := yamlWriter{bufio.NewWriter(&b)}
	out.print("# Written by semroute fit; fit again after changing the catalog.\n")
	out.mapping(mapping{{"fitted", fittedMapping(f)}}, "")
	_ = out.Flush() // a strings.Builder takes all
	return b.String()
}

func durationOrNone(d time.Duration) raw {
	if d == 0 {
		return ""
	}
	return raw(d.String())
}
