package main

import (
	"github.com/spf13/pflag"

	"github.com/semroute/semroute/internal/ollamahost"
)

// addOllamaHost adds --ollama-host, which takes the words of OLLAMA_HOST. An
// address that is none is a wrong flag, wherever it was set.
func addOllamaHost(f *pflag.FlagSet, host *string, what string) {
	f.Var((*ollamaHost)(host), "ollama-host", what+" (default: OLLAMA_HOST, then 127.0.0.1:11434)")
}

// ollamaHost is the flag's value, as it was written; "" is the default.
type ollamaHost string

// String implements pflag.Value.
func (h *ollamaHost) String() string { return string(*h) }

// Type implements pflag.Value.
func (h *ollamaHost) Type() string { return "string" }

// Set implements pflag.Value.
func (h *ollamaHost) Set(words string) error {
	if _, err := ollamahost.Parse(words); err != nil {
		return err
	}
	*h = ollamaHost(words)
	return nil
}
