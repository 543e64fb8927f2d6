package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/semroute/semroute/auth/certs"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	// apiKeyEnv holds the key that commands show a server. There is no flag for
	// it: command lines can be seen by every user of a machine.
	apiKeyEnv = envPrefix + "API_KEY"
	// maxAPIKey bounds a file with a key or a token.
	maxAPIKey = 64 << 10
)

// clientAccess is how a command proves to a server who it is, and the server to it.
type clientAccess struct {
	tls      bool
	insecure bool
	files    certs.Files
	keyFile  string
}

func (a *clientAccess) add(f *pflag.FlagSet) {
	f.BoolVar(&a.tls, "tls", false, "speak TLS with the server, whose certificate the system's authorities must have signed")
	f.StringVar(&a.files.CA, "tls-ca", "", "file of the authorities that must have signed the server's certificate; means --tls")
	f.StringVar(&a.files.Cert, "tls-client-cert", "", "file of the certificate that the server is shown; means --tls")
	f.StringVar(&a.files.Key, "tls-client-key", "", "file of its key")
	f.BoolVar(&a.insecure, "insecure", false, "show the key to servers of other machines also without TLS")
	f.StringVar(&a.keyFile, "api-key-file", "", "file with the API key or token that the server is shown (default: the variable "+apiKeyEnv+")")
}

// options are those of a connection to an address.
func (a *clientAccess) options(address string) ([]grpc.DialOption, error) {
	secured := a.tls || a.files.CA != "" || a.files.Cert != ""
	transport := insecure.NewCredentials()
	if (a.files.Cert == "") != (a.files.Key == "") {
		return nil, wrongUse("--tls-client-cert and --tls-client-key need each other")
	}
	if secured {
		config, err := certs.Client(a.files)
		if err != nil {
			return nil, wrongUse("%w", err)
		}
		transport = credentials.NewTLS(config)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	key, err := a.key()
	if err != nil {
		return nil, err
	}
	if key != "" && !secured && !a.insecure && !onThisMachine(address) {
		return nil, wrongUse("the API key would reach %s unencrypted: give --tls or --tls-ca, or --insecure to have it so", address)
	}
	if key != "" {
		options = append(options, grpc.WithPerRPCCredentials(shownKey{key, secured}))
	}
	return options, nil
}

// key is what the server is shown, "" for nothing.
func (a *clientAccess) key() (string, error) {
	if a.keyFile == "" {
		return strings.TrimSpace(os.Getenv(apiKeyEnv)), nil
	}
	raw, err := plainfile.Read(a.keyFile, maxAPIKey)
	if err != nil {
		return "", wrongUse("--api-key-file: %w", err)
	}
	key := strings.TrimSpace(string(raw))
	if key == "" || strings.ContainsAny(key, " \t\r\n") {
		return "", wrongUse("--api-key-file: %s does not hold a single key", a.keyFile)
	}
	return key, nil
}

// shownKey sends a key with every call.
type shownKey struct {
	key     string
	secured bool
}

var _ credentials.PerRPCCredentials = shownKey{}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (k shownKey) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + k.key}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (k shownKey) RequireTransportSecurity() bool { return k.secured }

// String keeps the key out of whatever prints it.
func (k shownKey) String() string { return fmt.Sprintf("a key of %d bytes", len(k.key)) }

// onThisMachine says whether an address is one of the loopback.
func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
