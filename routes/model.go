package routes

import "time"

// Model is a named upstream.
type Model struct {
	// Name identifies the model in this catalog, in decisions, records and metrics.
	Name string `yaml:"name"`
	// Provider says which protocol its server speaks.
	Provider Provider `yaml:"provider"`
	// Model is the provider's own name of the model.
	Model string `yaml:"model"`
	// BaseURL is the server's address, http or https. Default: the provider's usual one, for
	// ollama that of OLLAMA_HOST.
	BaseURL string `yaml:"base_url,omitempty"`
	// APIKeyEnv is the environment variable that holds the secret; a catalog never holds
	// one. Where a secret lies changes no decision.
	APIKeyEnv string `yaml:"api_key_env,omitempty" fingerprint:"-"`
	// APIKeyFile is the file that holds it, in place of a variable; a relative path is
	// resolved against the catalog file.
	APIKeyFile string `yaml:"api_key_file,omitempty" fingerprint:"-"`
	// Prices are what it costs, one price or a list of prices with the day that each counts
	// from; empty where no price is known.
	Prices Prices `yaml:"price,omitempty"`
	// ContextTokens is the size of the context window; 0 means unknown.
	ContextTokens int `yaml:"context_tokens,omitempty"`
	// Capabilities are what it can do of that which not every model can; a request that
	// needs another is not sent to it.
	Capabilities []Capability `yaml:"capabilities,flow,omitempty"`
	// Timeout bounds one attempt. Default: 2m.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// MaxConcurrent bounds the calls in flight to this model. Default: 4096.
	MaxConcurrent int `yaml:"max_concurrent,omitempty"`
	// MaxTokensField is the field that bounds an answer's tokens in requests to a
	// server that speaks OpenAI's protocol. Default: the provider's.
	MaxTokensField MaxTokensField `yaml:"max_tokens_field,omitempty"`
	// StreamOptions says whether such a server takes stream_options. Default: the
	// provider's.
	StreamOptions *bool `yaml:"stream_options,omitempty"`
	// Canaries are prompts that the model is asked again from time to time, to notice
	// when it answers otherwise than before.
	Canaries []string `yaml:"canaries,omitempty"`
	// At is where the model is declared.
	At Position `yaml:"-" fingerprint:"-"`
}

// Provider says which protocol a model's server speaks.
type Provider string

// The providers.
const (
	Ollama    Provider = "ollama"
	OpenAI    Provider = "openai"
	Anthropic Provider = "anthropic"
)

// MaxTokensField is a word for the bound of an answer's tokens.
type MaxTokensField string

// The words for it: older servers know the first, newer models of OpenAI only
// the second.
const (
	MaxTokens           MaxTokensField = "max_tokens"
	MaxCompletionTokens MaxTokensField = "max_completion_tokens"
)

// Capability is something that not every model can do.
type Capability string

// The capabilities.
const (
	Tools  Capability = "tools"
	JSON   Capability = "json"
	Vision Capability = "vision"
)
