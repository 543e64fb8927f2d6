package routes

import "time"

// Model is a named upstream.
type Model struct {
	Name     string   `yaml:"name"`
	Provider Provider `yaml:"provider"`
	// Model is the provider's own name of the model.
	Model string `yaml:"model"`
	// BaseURL is the server's address; "" means the provider's usual one.
	BaseURL string `yaml:"base_url,omitempty"`
	// APIKeyEnv and APIKeyFile say where the secret is; a catalog never holds
	// one. At most one is set; a relative file is resolved against the catalog
	// file. Where a secret lies changes no decision.
	APIKeyEnv  string `yaml:"api_key_env,omitempty" fingerprint:"-"`
	APIKeyFile string `yaml:"api_key_file,omitempty" fingerprint:"-"`
	// Prices are empty where no price is known.
	Prices Prices `yaml:"price,omitempty"`
	// ContextTokens is the size of the context window; 0 means unknown.
	ContextTokens int          `yaml:"context_tokens,omitempty"`
	Capabilities  []Capability `yaml:"capabilities,flow,omitempty"`
	// Timeout bounds one attempt; 0 means the forwarder's default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// MaxConcurrent bounds the calls in flight to this model; 0 means the default.
	MaxConcurrent int `yaml:"max_concurrent,omitempty"`
	// MaxTokensField is the field that bounds an answer's tokens in requests to a
	// server that speaks OpenAI's protocol; "" leaves it to the provider.
	MaxTokensField MaxTokensField `yaml:"max_tokens_field,omitempty"`
	// StreamOptions says whether such a server takes stream_options; nil leaves
	// it to the provider.
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
