package qdrant

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index"
)

// pointSpace is the UUID namespace of all points. It must never change: a
// point's id is how a restart knows it again.
var pointSpace = uuid.MustParse("2baeda54-77b3-518e-aee1-a5c2952f74b9")

// pointID is the same for the same route and utterance on every machine. The
// route's length goes first, so that no two keys run together. Points are never
// overwritten: a key that comes back after its removal, or with another vector,
// is written as its next revision. The first is 0.
func pointID(k index.Key, revision int) uuid.UUID {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(k.Route)))
	b = append(b, k.Route...)
	b = append(b, k.Utterance...)
	if revision > 0 { // an utterance is UTF-8, so it never ends like this
		b = binary.BigEndian.AppendUint32(append(b, 0xff), uint32(revision))
	}
	return uuid.NewSHA1(pointSpace, b)
}

// parseID reads an id that the server sent; false is one that is not ours.
func parseID(id *pb.PointId) (uuid.UUID, bool) {
	parsed, err := uuid.Parse(id.GetUuid())
	return parsed, err == nil
}

// formatIDs words ids for the server.
func formatIDs(ids []uuid.UUID) []*pb.PointId {
	out := make([]*pb.PointId, len(ids))
	for i, id := range ids {
		out[i] = pb.NewIDUUID(id.String())
	}
	return out
}

// collectionName names the one collection of an embedder and dimension.
func collectionName(c Config) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s", c.Dimension, c.Fingerprint))
	return c.Prefix + "_" + hex.EncodeToString(sum[:6])
}

// removedList names the collection beside it that lists what was removed.
func removedList(collection string) string { return collection + "_removed" }

// ownCollection matches the collections that some embedder has under prefix.
func ownCollection(prefix string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.QuoteMeta(prefix) + "_[0-9a-f]{12}(_removed)?$")
}
