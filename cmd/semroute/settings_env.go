package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
)

const envPrefix = "SEMROUTE_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// foreignEnv are variables with our prefix that are no settings: those that
// Kubernetes makes of a service named semroute…, and what this repository's own
// scripts and benchmarks read.
var foreignEnv = regexp.MustCompile(`^SEMROUTE_(` +
	`(\w+_)?(SERVICE_(HOST|PORT)|PORT)(_\w+)?|` +
	`BENCH_\w+|OLLAMA_DIR|MODEL_DIR)$`)

// secretEnv is what somebody may call a key that a catalog's api_key_env names.
var secretEnv = regexp.MustCompile(`_(KEY|TOKEN|SECRET|PASSWORD)(_|$)`)

// unknownEnv reports the variables with our prefix that set nothing: a setting
// that was meant and is not there is worse than an error.
func unknownEnv(environ, flags []string) error {
	known := []string{envPrefix + "CONFIG", apiKeyEnv}
	for _, flag := range flags {
		known = append(known, envName(flag))
	}
	var problems []error
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) || foreignEnv.MatchString(name) {
			continue
		}
		near, ok := nearestEnv(name, known)
		switch {
		case ok:
			problems = append(problems, fmt.Errorf("unknown environment variable %s; did you mean %s?", name, near))
		case !secretEnv.MatchString(name):
			problems = append(problems, fmt.Errorf("unknown environment variable %s; every flag has one, see `semroute serve --help`", name))
		}
	}
	return errors.Join(problems...)
}

// nearestEnv is the known name that begins with the name, or is like it but for
// the prefix, which would make every name near.
func nearestEnv(name string, known []string) (string, bool) {
	rest := make([]string, len(known))
	for i := range known {
		rest[i] = strings.TrimPrefix(known[i], envPrefix)
		if strings.HasPrefix(known[i], name+"_") {
			return known[i], true
		}
	}
	near, ok := strictyaml.Nearest(strings.TrimPrefix(name, envPrefix), rest)
	return envPrefix + near, ok
}
