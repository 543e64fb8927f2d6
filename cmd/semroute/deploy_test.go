package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/semroute/semroute/routes"
)

// compose is what the tests read of docker-compose.yaml.
type compose struct {
	Services map[string]struct {
		Build struct {
			Args map[string]string
		}
		Image       string
		Ports       []string
		Environment map[string]string
		Entrypoint  []string
		Volumes     []string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Healthcheck struct{ Test []string }
	}
	Volumes map[string]any
}

// usual is the default of a variable, ${NAME:-default} or ${NAME-default}.
var usual = regexp.MustCompile(`\$\{\w+:?-([^}]*)\}`)

// settingNames are variables that are settings of semroute.
var settingNames = regexp.MustCompile(`\bSEMROUTE_[A-Z_]*[A-Z]\b`)

func composeFile(t *testing.T) compose {
	t.Helper()
	var c compose
	unmarshalFile(t, "docker-compose.yaml", &c)
	return c
}

func unmarshalFile(t *testing.T, name string, to any) {
	t.Helper()
	if err := yaml.Unmarshal(repositoryFile(t, name), to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func repositoryFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestComposeIsOpenToThisMachineAlone(t *testing.T) {
	for name, service := range composeFile(t).Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("service %s publishes %s to everybody", name, port)
			}
		}
	}
}

// Whoever is waited for is there, and can say that it is healthy where that is waited for.
func TestComposeWaitsForWhatCanAnswer(t *testing.T) {
	c := composeFile(t)
	for name, service := range c.Services {
		for on, how := range service.DependsOn {
			other, ok := c.Services[on]
			if !ok || how.Condition == "service_healthy" && len(other.Healthcheck.Test) == 0 {
				t.Errorf("service %s waits for %s to be %q, which it never says", name, on, how.Condition)
			}
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(usual.ReplaceAllString(volume, "$1"), ":")
			if local, ok := strings.CutPrefix(source, "./"); ok {
				if _, err := os.Stat(filepath.Join("..", "..", local)); err != nil {
					t.Errorf("service %s mounts %s: %v", name, source, err)
				}
			} else if _, ok := c.Volumes[source]; !ok {
				t.Errorf("service %s mounts %s, which is no volume", name, source)
			}
		}
	}
	for _, name := range []string{"semroute", "qdrant", "ollama"} {
		if len(c.Services[name].Healthcheck.Test) == 0 {
			t.Errorf("service %s has no health check", name)
		}
	}
}

// Prometheus scrapes the listener that the server opens for it, and Grafana asks that Prometheus.
func TestComposeObservesItsServer(t *testing.T) {
	c := composeFile(t)
	var scrapes struct {
		Configs []struct {
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	unmarshalFile(t, "deploy/observability/prometheus.yaml", &scrapes)
	_, port, _ := strings.Cut(c.Services["semroute"].Environment["SEMROUTE_ADMIN_LISTEN"], ":")
	if target := scrapes.Configs[0].Static[0].Targets[0]; target != "semroute:"+port {
		t.Errorf("Prometheus scrapes %s, and the server's metrics are at semroute:%s", target, port)
	}
	var sources struct {
		Datasources []struct{ URL string }
	}
	unmarshalFile(t, "deploy/observability/grafana/provisioning/datasources/prometheus.yaml", &sources)
	host, _, _ := strings.Cut(strings.TrimPrefix(sources.Datasources[0].URL, "http://"), ":")
	if _, ok := c.Services[host]; !ok {
		t.Errorf("Grafana asks %s, where no service is", sources.Datasources[0].URL)
	}
}

// The mounted catalog's models are pulled, and reached at the Ollama of the
// compose file: within a container 127.0.0.1 is the container.
func TestComposePullsTheModelsOfItsCatalog(t *testing.T) {
	c := composeFile(t)
	serves := c.Services["semroute"]
	mounted, _, _ := strings.Cut(usual.ReplaceAllString(serves.Volumes[0], "$1"), ":")
	catalog, err := routes.Load(filepath.Join("..", "..", mounted))
	if err != nil {
		t.Fatal(err)
	}
	pulled := strings.Fields(usual.ReplaceAllString(c.Services["chat-models"].Environment["CHAT_MODELS"], "$1"))
	for _, m := range catalog.Models {
		if m.Provider != routes.Ollama {
			continue
		}
		if !slices.Contains(pulled, m.Model) {
			t.Errorf("model %s (%s) of %s is not pulled; %q are", m.Name, m.Model, mounted, pulled)
		}
		if m.BaseURL != "" {
			t.Errorf("model %s of %s has base_url %s, which leads into semroute's own container", m.Name, mounted, m.BaseURL)
		}
	}
	if embedding := serves.Environment["SEMROUTE_OLLAMA_MODEL"]; !slices.Contains(c.Services["embedding-model"].Entrypoint, embedding) {
		t.Errorf("the embedding model %s is not pulled", embedding)
	}
	for _, name := range []string{"semroute", "embedding-model", "chat-models"} {
		host, _, _ := strings.Cut(c.Services[name].Environment["OLLAMA_HOST"], ":")
		if _, ok := c.Services[host]; !ok {
			t.Errorf("service %s looks for Ollama at %q, which is no service", name, host)
		}
	}
}

var (
	linked   = regexp.MustCompile(`-X main\.(\w+)=\$\{(\w+)\}`)
	imageEnv = regexp.MustCompile(`(SEMROUTE_\w+)=`)
)

func TestImageKnowsItsVersion(t *testing.T) {
	dockerfile := string(repositoryFile(t, "Dockerfile"))
	source := string(repositoryFile(t, "cmd/semroute/version.go"))
	args := composeFile(t).Services["semroute"].Build.Args
	found := linked.FindAllStringSubmatch(dockerfile, -1)
	if len(found) != 2 {
		t.Errorf("the Dockerfile links %d variables, want version and revision", len(found))
	}
	for _, f := range found {
		if !regexp.MustCompile(`(?m)^var .*\b` + f[1] + `\b.* string$`).MatchString(source) {
			t.Errorf("the Dockerfile sets main.%s, which version.go does not have", f[1])
		}
		if _, ok := args[f[2]]; !ok || !strings.Contains(dockerfile, "ARG "+f[2]) {
			t.Errorf("%s is not handed from compose to the build", f[2])
		}
	}
	defer func(v, r string) { linkedVersion, linkedRevision = v, r }(linkedVersion, linkedRevision)
	linkedVersion, linkedRevision = "v1.2.3", "abc"
	if got := buildVersion().String(); !strings.HasPrefix(got, "semroute v1.2.3 abc go") {
		t.Errorf("a build that is told its version says %q", got)
	}
}

// The image is built by the Go that go.mod asks for, and the README says which.
func TestGoVersionIsSaid(t *testing.T) {
	asked := regexp.MustCompile(`(?m)^go ((\d+\.\d+)(?:\.\d+)?)$`).FindSubmatch(repositoryFile(t, "go.mod"))
	if asked == nil {
		t.Fatal("go.mod names no version of Go")
	}
	if from := "FROM golang:" + string(asked[1]) + " "; !strings.Contains(string(repositoryFile(t, "Dockerfile")), from) {
		t.Errorf("the Dockerfile does not say %q", from)
	}
	if need := "You need Go " + string(asked[2]) + " "; !strings.Contains(string(repositoryFile(t, "README.md")), need) {
		t.Errorf("the README does not say %q", need)
	}
}

// Variables that the files set are settings, and the commands they run exist.
func TestDeploymentsSetWhatExists(t *testing.T) {
	environ := map[string][]string{}
	for name, service := range composeFile(t).Services {
		for variable, value := range service.Environment {
			environ["docker-compose.yaml, "+name] = append(environ["docker-compose.yaml, "+name], variable+"="+value)
		}
	}
	for _, f := range imageEnv.FindAllStringSubmatch(string(repositoryFile(t, "Dockerfile")), -1) {
		environ["Dockerfile"] = append(environ["Dockerfile"], f[1]+"=")
	}
	for _, e := range podOf(t).Containers[0].Env {
		environ["kubernetes.yaml"] = append(environ["kubernetes.yaml"], e.Name+"="+e.Value)
	}
	for _, name := range settingNames.FindAllString(string(repositoryFile(t, "deploy/helm/semroute/templates/_env.tpl")), -1) {
		environ["the chart"] = append(environ["the chart"], name+"=")
	}
	for _, name := range settingNames.FindAllString(string(repositoryFile(t, "deploy/systemd/semroute.env")), -1) {
		environ["systemd"] = append(environ["systemd"], name+"=")
	}
	for where, entries := range environ {
		if err := unknownEnv(entries, knownFlags(newRoot(stdio{in: strings.NewReader(""), out: &writer{}, err: &writer{}}))); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	check := composeFile(t).Services["semroute"].Healthcheck.Test
	if len(check) < 3 || check[0] != "CMD" || check[1] != "/semroute" {
		t.Fatalf("health check %q does not run the binary, and the image has no shell", check)
	}
	if code, _, errs := runCommand(t.Context(), t, "", slices.Concat(check[2:], []string{"--server", "127.0.0.1:1"})...); code != exitFailed || !strings.Contains(errs, "nothing answers") {
		t.Errorf("health check %q: exit code %d, %s", check, code, errs)
	}
}

// pod is what the tests read of a Deployment's pod.
type pod struct {
	Containers []struct {
		Image     string
		Env       []struct{ Name, Value string }
		Resources struct{ Requests, Limits map[string]string }
		// Probes, by what they do.
		StartupProbe   *map[string]any `yaml:"startupProbe"`
		ReadinessProbe *map[string]any `yaml:"readinessProbe"`
		LivenessProbe  *map[string]any `yaml:"livenessProbe"`
		VolumeMounts   []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	Volumes []struct {
		Name      string
		ConfigMap struct{ Name string } `yaml:"configMap"`
	}
}

func podOf(t *testing.T) pod {
	t.Helper()
	for document := range strings.SplitSeq(string(repositoryFile(t, "deploy/kubernetes.yaml")), "\n---\n") {
		var object struct {
			Kind string
			Spec struct {
				Template struct{ Spec pod }
			}
		}
		if !strings.Contains(document, "\nkind: Deployment\n") {
			continue
		}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if len(object.Spec.Template.Spec.Containers) == 1 {
			return object.Spec.Template.Spec
		}
	}
	t.Fatal("there is no Deployment with one container")
	return pod{}
}

func TestKubernetesMatches(t *testing.T) {
	p, text := podOf(t), string(repositoryFile(t, "deploy/kubernetes.yaml"))
	c := p.Containers[0]
	if c.StartupProbe == nil || c.ReadinessProbe == nil || c.LivenessProbe == nil {
		t.Error("a probe is missing")
	}
	if c.Resources.Requests["memory"] == "" || c.Resources.Requests["cpu"] == "" || c.Resources.Limits["memory"] == "" {
		t.Errorf("resources %+v", c.Resources)
	}
	_, version, _ := strings.Cut(c.Image, ":")
	if version == "" || !strings.Contains(text, `app.kubernetes.io/version: "`+version+`"`) {
		t.Errorf("image %s and the label of the version disagree", c.Image)
	}
	paths := map[string]string{}
	for _, e := range c.Env {
		paths[e.Name] = e.Value
	}
	for _, m := range c.VolumeMounts {
		if m.Name == "catalog" && m.MountPath != paths["SEMROUTE_CATALOG"] || m.Name == "cache" && m.MountPath != paths["SEMROUTE_CACHE_DIR"] {
			t.Errorf("%s is mounted at %s, and read elsewhere", m.Name, m.MountPath)
		}
	}
	for _, v := range p.Volumes {
		if v.Name == "catalog" && !strings.Contains(text, "kubectl create configmap "+v.ConfigMap.Name+" --from-file=examples/support") {
			t.Errorf("nothing says how the config map %s is made", v.ConfigMap.Name)
		}
	}
}
