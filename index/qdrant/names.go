package qdrant

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/google/uuid"

	"github.com/semroute/semroute/index"
)

// pointSpace is the UUID namespace of all points. It must never change: a
// point's id is how a restart knows it again.
var pointSpace = uuid.MustParse("2baeda54-77b3-518e-aee1-a5c2952f74b9")

// pointID is the same for the same route and utterance on every machine. The
// route's length goes first, so that no two keys run together.
func pointID(k index.Key) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(k.Route)))
	b = append(b, k.Route...)
	b = append(b, k.Utterance...)
	return uuid.NewSHA1(pointSpace, b).String()
}

// collectionName names the one collection of an embedder and dimension.
func collectionName(c Config) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s", c.Dimension, c.Fingerprint))
	return c.Prefix + "_" + hex.EncodeToString(sum[:6])
}

// ownCollection matches the collections that some embedder has under prefix.
func ownCollection(prefix string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.QuoteMeta(prefix) + "_[0-9a-f]{12}$")
}
