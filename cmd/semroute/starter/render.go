package starter

import "strings"

// settings are those of semroute.yaml.
func (c *Choices) settings() string {
	lines := []string{
		"# Settings of all commands: the names of flags, with _ for -. Flags and SEMROUTE_…",
		"# variables come before this file.",
		"catalog: catalog",
		"embedder: " + c.Embedder,
	}
	if c.Embedder == "ollama" {
		lines = append(lines, "ollama_model: all-minilm")
	}
	if c.Index == "qdrant" {
		lines = append(lines, "index: qdrant", "qdrant: 127.0.0.1:6334")
	}
	switch c.Store {
	case "file":
		lines = append(lines, "ledger: calls.db")
	case "postgres":
		lines = append(lines, "store: postgres://semroute@127.0.0.1:5432/semroute # the password comes from PGPASSWORD")
	}
	return strings.Join(append(lines, "http_listen: 127.0.0.1:8080 # OpenAI's and Anthropic's protocols, REST"), "\n") + "\n"
}

// compose is the file that runs all of it in containers.
func (c *Choices) compose() string {
	var b strings.Builder
	add := func(lines ...string) {
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
	}
	add(
		"# The same in containers. The image is built from a checkout of semroute:",
		"#   docker build -t semroute PATH-OF-THE-CHECKOUT",
		"#   docker compose up",
		"services:",
		"  semroute:",
		"    image: semroute",
		"    # Only this machine reaches it, so nobody is asked who they are.",
		`    ports: ["127.0.0.1:50051:50051", "127.0.0.1:8080:8080"]`,
		"    environment:",
		`      SEMROUTE_INSECURE: "true"`,
		"      SEMROUTE_HTTP_LISTEN: 0.0.0.0:8080",
		"      SEMROUTE_EMBEDDER: "+c.Embedder,
	)
	var waits []string
	if c.usesOllama() {
		add("      OLLAMA_HOST: ollama:11434")
		waits = append(waits, "      ollama: {condition: service_healthy}")
	}
	if c.Index == "qdrant" {
		add("      SEMROUTE_INDEX: qdrant", "      SEMROUTE_QDRANT: qdrant:6334")
		waits = append(waits, "      qdrant: {condition: service_healthy}")
	}
	if c.Store == "postgres" {
		add("      SEMROUTE_STORE: postgres://semroute:${POSTGRES_PASSWORD:-}@postgres:5432/semroute")
		waits = append(waits, "      postgres: {condition: service_healthy}")
	}
	switch c.Models {
	case "openai":
		add("      OPENAI_API_KEY: ${OPENAI_API_KEY:-}")
	case "anthropic":
		add("      ANTHROPIC_API_KEY: ${ANTHROPIC_API_KEY:-}")
	}
	add("    volumes: [./catalog:/etc/semroute/catalog:ro, semroute:/var/cache/semroute]")
	if len(waits) > 0 {
		add("    depends_on:")
		add(waits...)
	}
	volumes := []string{"  semroute:"}
	if c.usesOllama() {
		add("  ollama:", "    image: ollama/ollama:0.17.4", "    volumes: [ollama:/root/.ollama]",
			`    healthcheck: {test: ["CMD", "ollama", "list"], interval: 5s, timeout: 3s, retries: 12}`)
		volumes = append(volumes, "  ollama:")
	}
	if c.Index == "qdrant" {
		add("  qdrant:", "    image: qdrant/qdrant:v1.18.0", "    volumes: [qdrant:/qdrant/storage]",
			`    healthcheck: {test: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/6333"], interval: 5s, timeout: 3s, retries: 12}`)
		volumes = append(volumes, "  qdrant:")
	}
	if c.Store == "postgres" {
		add("  postgres:", "    image: postgres:17", "    environment: {POSTGRES_USER: semroute, POSTGRES_DB: semroute, POSTGRES_PASSWORD: \"${POSTGRES_PASSWORD:-}\"}",
			"    volumes: [postgres:/var/lib/postgresql/data]",
			`    healthcheck: {test: ["CMD", "pg_isready", "-U", "semroute"], interval: 5s, timeout: 3s, retries: 12}`)
		volumes = append(volumes, "  postgres:")
	}
	add("volumes:")
	add(volumes...)
	return b.String()
}

func (c *Choices) usesOllama() bool { return c.Embedder == "ollama" || c.Models == "ollama" }
