package main

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// referenceOfSettings is every setting of the server, by its three names.
func referenceOfSettings(t *testing.T) string {
	root := newRoot(stdio{in: strings.NewReader(""), out: &writer{}, err: &writer{}})
	serve, _, err := root.Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	b := generatedPage("Settings", "Every setting of `semroute serve`. Flag > environment > file > default. The file is `semroute.yaml`, or what `--config` or\n"+
		"`SEMROUTE_CONFIG` names; a list is written as a list there, with commas elsewhere. The other [commands](cli.md) take their flags in\n"+
		"the same three ways. What the settings are for, and how they go together: [Running semroute](../operations.md#settings).")
	table(b, "flag", "environment", "in the file", "type", "default", "")
	settings := 0
	serve.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "config" || f.Hidden {
			return
		}
		settings++
		row(b, code("--"+f.Name), code(envName(f.Name)), code(strings.ReplaceAll(f.Name, "-", "_")), flagType(f), code(defaultOf(f)), asMarkdown(f.Usage))
	})
	if settings < 60 {
		t.Errorf("only %d settings were found", settings)
	}
	b.WriteString("\n## Other variables\n")
	table(b, "variable", "")
	for _, v := range [][2]string{
		{apiKeyEnv, "the API key that commands show to the server that they ask, in place of `--api-key-file`"},
		{"OLLAMA_HOST", "where Ollama is, as Ollama's own commands read it; default of `--ollama-host`, and address of models of the provider `ollama`"},
		{"OLLAMA_MODELS", "where the models are that Ollama has pulled, for `--model-path ollama:NAME`"},
		{"PGPASSWORD, PGPASSFILE, …", "access to PostgreSQL, as libpq reads them"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, …", "where metrics and traces go, as OpenTelemetry says; see [metrics](../metrics.md)"},
		{"XDG_CACHE_HOME", "where the user's cache folder is, the default of `--cache-dir`"},
		{"NO_COLOR", "no colours in a log on a terminal"},
	} {
		row(b, code(v[0]), v[1])
	}
	b.WriteString("\nThe keys of models are in the variables that a catalog names by `api_key_env` ([catalog](catalog.md#models)).\n")
	return b.String()
}
