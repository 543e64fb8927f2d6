package trafficapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tokenOf is the place of a record, to read on after it.
func tokenOf(r *store.Record) string { return fmt.Sprintf("%d.%d", r.Time.UnixNano(), r.Seq) }

// placeOf reads a token; nil for the beginning.
func placeOf(token string) (*store.Place, error) {
	if token == "" {
		return nil, nil
	}
	nanos, seq, found := strings.Cut(token, ".")
	at, err := strconv.ParseInt(nanos, 10, 64)
	number, wrong := strconv.ParseInt(seq, 10, 64)
	if !found || err != nil || wrong != nil {
		return nil, status.Error(codes.InvalidArgument, "page_token is not one that this service gave; begin without")
	}
	return &store.Place{Time: time.Unix(0, at).UTC(), Seq: number}, nil
}
