package importer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/importer"
)

// beside reads files of a folder of testdata.
func beside(dir string) importer.Beside {
	return func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, filepath.Base(name))) }
}

// TestOtherRoutersFiles holds what is made of each file, and what is said to be lost.
func TestOtherRoutersFiles(t *testing.T) {
	for path, read := range map[string]func(data []byte, name string) (*routes.Catalog, importer.Report, error){
		"litellm/config.yaml": func(data []byte, name string) (*routes.Catalog, importer.Report, error) {
			return importer.LiteLLM(bytes.NewReader(data), name, beside("testdata/litellm"))
		},
		"vllmsr/newer.yaml": func(data []byte, name string) (*routes.Catalog, importer.Report, error) {
			return importer.VLLMSR(bytes.NewReader(data), name)
		},
		"vllmsr/older.yaml": func(data []byte, name string) (*routes.Catalog, importer.Report, error) {
			return importer.VLLMSR(bytes.NewReader(data), name)
		},
	} {
		t.Run(path, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", path))
			if err != nil {
				t.Fatal(err)
			}
			c, report, err := read(data, filepath.Base(path))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for _, w := range report.Warnings {
				_, _ = fmt.Fprintln(&out, "#", w)
			}
			if err := routes.WriteCatalog(&out, c); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(out.String(), "not-a-real-one") {
				t.Error("a secret of the file is in what is written")
			}
			golden := filepath.Join("testdata", path+".golden")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("(-%s +got):\n%s", golden, diff)
			}
			checkWritable(t, c)
		})
	}
}

func TestFilesThatAreNoConfig(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":          {"", "is empty"},
		"no YAML":          {"a: [", "c.yaml:1"},
		"no model":         {"model_list: [{model_name: a}]", "c.yaml:1:14: an entry of model_list needs"},
		"no router":        {"model_list: [{model_name: a, litellm_params: {model: auto_router/a, auto_router_config_path: gone.json}}]", "gone.json"},
		"a broken router":  {"model_list: [{model_name: a, litellm_params: {model: auto_router/a, auto_router_config: '{\"routes\": 3}'}}]", "router"},
		"another list":     {"model_list: 3", "model_list"},
		"a bad address":    {"model_list: [{model_name: a, litellm_params: {model: openai/a, api_base: \"no address\"}}]", "base_url"},
		"only a few words": {"hello", "mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := importer.LiteLLM(strings.NewReader(c.text), "c.yaml", beside("testdata/litellm"))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want %q", err, c.says)
			}
		})
	}
	if _, _, err := importer.VLLMSR(strings.NewReader("decisions: [{name: a}]"), "c.yaml"); err == nil {
		t.Error("a file with nothing to route by is taken")
	}
}

func TestAPairOfModels(t *testing.T) {
	c, report, err := importer.RouteLLM(importer.Pair{Strong: "gpt-4o", Weak: "ollama/llama3.2:1b"})
	if err != nil || len(c.Routes) != 2 || len(report.Warnings) != 2 {
		t.Fatalf("%v, %d routes, %v", err, len(c.Routes), report.Warnings)
	}
	if m := c.Models[0]; m.Provider != routes.Ollama || m.Model != "llama3.2:1b" || c.Models[1].APIKeyEnv != "OPENAI_API_KEY" {
		t.Errorf("models %+v", c.Models)
	}
	checkWritable(t, c)
	for _, p := range []importer.Pair{{}, {Strong: "gpt-4o"}, {Strong: "bedrock/x", Weak: "gpt-4o"}, {Strong: "gpt-4o", Weak: "x/y"}} {
		if _, _, err := importer.RouteLLM(p); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

func FuzzImportLiteLLM(f *testing.F) {
	seeds(f, "testdata/litellm/config.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := importer.LiteLLM(bytes.NewReader(data), "fuzz.yaml", beside("testdata/litellm")); err == nil {
			checkWritable(t, c)
		}
	})
}

func FuzzImportVLLMSR(f *testing.F) {
	seeds(f, "testdata/vllmsr/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := importer.VLLMSR(bytes.NewReader(data), "fuzz.yaml"); err == nil {
			checkWritable(t, c)
		}
	})
}
