package attempt

import "testing"

func TestSameModel(t *testing.T) {
	for _, c := range []struct {
		asked, answered string
		same            bool
	}{
		{"gpt-4o", "gpt-4o", true},
		{"gpt-4o", "gpt-4o-2024-08-06", true},
		{"gpt-4", "gpt-4-0613", true},
		{"gpt-4o", "gpt-4o-mini", false},
		{"gpt-4o", "gpt-4o-mini-2024-07-18", false},
		{"gpt-4o-2024-05-13", "gpt-4o-2024-08-06", false},
		{"gpt-4o-2024-05-13", "gpt-4o", true},
		{"claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", true},
		{"claude-3-5-sonnet", "claude-3-7-sonnet", false},
		{"claude-sonnet-4@20250514", "claude-sonnet-4", true},
		{"anthropic/claude-sonnet-4", "claude-sonnet-4-20250514", true},
		{"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct", true},
		{"/models/llama-3.1.gguf", "llama-3.1.gguf", true},
		{"llama3", "llama3:latest", true},
		{"llama3:8b", "llama3:70b", false},
		{"llama3:latest", "llama3", true},
		{"o1", "o3", false},
		{"claude-sonnet-4@20250514", "claude-sonnet-4-20250514", true},
		{"acme/tiny:free", "acme/tiny", true},
		{"acme/tiny:nitro", "acme/tiny:free", true},
		{"acme/tiny:8b", "acme/tiny", false},
		{"gemini-1.5-pro", "gemini-1.5-pro-002", true},
		{"tiny", "/models/tiny.gguf", true},
		{"tiny", "tiny.Q4_K_M.gguf", false},
	} {
		if got := sameModel(c.asked, c.answered); got != c.same {
			t.Errorf("asked for %q, answered by %q: same is %v", c.asked, c.answered, got)
		}
	}
}

func TestSameServer(t *testing.T) {
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{"", "", true},
		{"http://a:1/v1", "http://a:1/v1", true},
		{"http://a:1/old", "http://A:1/new", true},
		{"http://a:1/v1", "http://a:2/v1", false},
		{"http://a/v1", "http://b/v1", false},
		{"", "http://a/v1", false},
		{"http://a/v1", "", false},
	} {
		if got := sameServer(c.one, c.other); got != c.same {
			t.Errorf("%q and %q: same is %v", c.one, c.other, got)
		}
	}
}
