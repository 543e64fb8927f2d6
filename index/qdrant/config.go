package qdrant

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index"
)

// Config says what Open opens. The zero value of everything from APIKey on is
// what a single node with some hundred thousand utterances needs.
type Config struct {
	// Address is the host and gRPC port of the server, such as
	// "localhost:6334".
	Address string
	// Prefix names the alias, and begins the names of the collections: 1 to 64
	// letters, digits, '-' or '_'. Services that share a server need one each.
	Prefix string
	// Fingerprint identifies the embedder whose vectors the index holds.
	Fingerprint string
	// Dimension is the length of every vector, from 1 to 65536.
	Dimension int

	// APIKey is sent with every call unless empty.
	APIKey string
	// TLS turns on TLS; nil is plain text.
	TLS *tls.Config
	// Connections is how many are opened, calls taking turns; default 3.
	Connections int
	// SearchTimeout bounds one search; default 2 s. Shorter deadlines of a
	// caller hold.
	SearchTimeout time.Duration
	// WriteTimeout bounds one other call: a batch, a page; default 15 s.
	WriteTimeout time.Duration

	// EF is how many candidates a search keeps while it walks the graph
	// (hnsw_ef); 0 is the server's default. Higher finds more and costs more.
	EF int
	// Quantize keeps an 8-bit copy of the vectors in memory for the search,
	// whose best hits are then scored again with the full vectors.
	Quantize bool
	// VectorsOnDisk and PayloadOnDisk leave the full vectors and the texts on
	// disk. With Quantize, memory per vector falls to about a quarter.
	VectorsOnDisk bool
	PayloadOnDisk bool
	// Shards and Replicas spread a collection over nodes; 0 is the server's
	// default. Like the three above they count when a collection is made.
	Shards   int
	Replicas int

	// texts is up to how many entries their texts are held in process, and now
	// the clock. Tests set them.
	texts int
	now   func() time.Time
}

const (
	defaultConnections   = 3
	defaultSearchTimeout = 2 * time.Second
	defaultWriteTimeout  = 15 * time.Second
	maxDimension         = 65536
)

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// complete returns the config with defaults, or all that is wrong with it.
func (c Config) complete() (Config, error) {
	var wrong []error
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("qdrant index: "+format, args...))
	}
	if _, _, err := hostPort(c.Address); err != nil {
		complain("address %q must be HOST:PORT of Qdrant's gRPC interface, such as localhost:6334", c.Address)
	}
	if !prefixForm.MatchString(c.Prefix) {
		complain("prefix %q must be 1 to 64 letters, digits, '-' or '_'", c.Prefix)
	}
	if c.Dimension < 1 || c.Dimension > maxDimension {
		complain("dimension %d must be from 1 to %d", c.Dimension, maxDimension)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"connections", c.Connections}, {"ef", c.EF}, {"shards", c.Shards}, {"replicas", c.Replicas}} {
		if n.value < 0 || n.value > 1<<16 {
			complain("%s is %d, it must be from 0 (the default) to 65536", n.name, n.value)
		}
	}
	if c.SearchTimeout < 0 || c.WriteTimeout < 0 {
		complain("timeouts must not be negative")
	}
	if len(wrong) > 0 {
		return c, fmt.Errorf("%w: %w", index.ErrInvalid, errors.Join(wrong...))
	}
	if c.Connections == 0 {
		c.Connections = defaultConnections
	}
	if c.SearchTimeout == 0 {
		c.SearchTimeout = defaultSearchTimeout
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = defaultWriteTimeout
	}
	if c.texts == 0 {
		c.texts = maxTexts
	}
	if c.now == nil {
		c.now = wallClock
	}
	return c, nil
}

// searchParams returns what a search for so many points asks for besides the
// server's defaults; nil is nothing. Of 8-bit copies a server returns their
// scores unless it is told to score again, and decisions stand on the scores.
func (c Config) searchParams(limit int) *pb.SearchParams {
	if c.EF == 0 && !c.Quantize {
		return nil
	}
	params := &pb.SearchParams{}
	if c.EF > 0 {
		params.HnswEf = pb.PtrOf(uint64(max(c.EF, limit)))
	}
	if c.Quantize {
		params.Quantization = &pb.QuantizationSearchParams{Rescore: pb.PtrOf(true)}
	}
	return params
}

// wallClock is the time without a monotonic reading, which stands still while a
// machine sleeps.
func wallClock() time.Time { return time.Now().Round(0) }

func hostPort(address string) (string, int, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return "", 0, err
	}
	if host == "" || port == 0 {
		return "", 0, errors.New("host or port is missing")
	}
	return host, int(port), nil
}
