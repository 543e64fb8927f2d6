// Package ollamahost reads the address of an Ollama server as OLLAMA_HOST
// spells it, so that a flag, the environment and every client of Ollama accept
// the same words. Whether a server answers there is left to the clients.
package ollamahost

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Variable is the environment variable that names the server.
const Variable = "OLLAMA_HOST"

const (
	loopback    = "127.0.0.1"
	loopback6   = "::1"
	defaultPort = "11434"
	cloud       = "ollama.com" // speaks https only
)

// ErrAddress: the words name no server.
var ErrAddress = errors.New("not the address of an Ollama server, such as 127.0.0.1:11434 or https://ollama.example.com")

// Resolve is the address that was given, else that of OLLAMA_HOST, else the
// usual one. An unusable one is ErrAddress and says where it comes from.
func Resolve(given string) (*url.URL, error) {
	if given != "" {
		return Parse(given)
	}
	address, err := Parse(os.Getenv(Variable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	return address, nil
}

// Parse reads [scheme://]host[:port][/path]. Without a scheme it is http and
// port 11434, with one the scheme's own port. A server listens on 0.0.0.0 or
// [::]; a client finds it on the loopback. Empty is http://127.0.0.1:11434.
func Parse(words string) (*url.URL, error) {
	text := strings.Trim(strings.TrimSpace(words), `"'`)
	port := defaultPort
	scheme, rest, found := strings.Cut(text, "://")
	switch {
	case !found && text == cloud:
		scheme, rest, port = "https", text, "443"
	case !found:
		scheme, rest = "http", text
	case strings.EqualFold(scheme, "http"):
		port = "80"
	case strings.EqualFold(scheme, "https"):
		port = "443"
	default:
		return nil, refuse(words, "its scheme is neither http nor https")
	}
	address, err := url.Parse(scheme + "://" + bracketed(rest))
	if err != nil {
		return nil, refuse(words, "")
	}
	if address.RawQuery != "" || address.ForceQuery || strings.Contains(rest, "#") {
		return nil, refuse(words, "it goes on after the path")
	}
	if given := address.Port(); given != "" {
		port = given
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return nil, refuse(words, "a port is 1 to 65535")
	}
	address.Host = net.JoinHostPort(reachable(address.Hostname()), port)
	address.Path = strings.TrimRight(address.Path, "/")
	return address, nil
}

// refuse does not repeat a password.
func refuse(words, why string) error {
	if at := strings.LastIndexByte(words, '@'); at >= 0 {
		words = "…" + words[at:]
	}
	if why != "" {
		why = ": " + why
	}
	return fmt.Errorf("%q is %w%s", words, ErrAddress, why)
}

// bracketed puts the brackets around an IPv6 address that has none.
func bracketed(rest string) string {
	host, path, _ := strings.Cut(rest, "/")
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		host = "[" + strings.ReplaceAll(host, "%", "%25") + "]"
	}
	return host + "/" + path
}

// reachable is the host that a client asks.
func reachable(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.Is4() && ip.IsUnspecified():
		return loopback
	case err == nil && ip.IsUnspecified():
		return loopback6
	}
	return host
}
