package qdranttest_test

import (
	"testing"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// ids of both parts of a collection.
var ids = []string{"00000000-0000-5000-8000-000000000000", "00000000-0000-5000-8000-000000000001"}

// TestASearchSeesWhatIsWrittenMeanwhile shows what a real server does: a point
// that is deleted after it was scored is left out where its payload is asked
// for, and one that is written in between is found or not by chance of its part.
func TestASearchSeesWhatIsWrittenMeanwhile(t *testing.T) {
	for _, test := range []struct {
		name    string
		payload bool
		write   func(c *pb.Client) error
		want    int
	}{
		{"deleted, payloads asked for", true, func(c *pb.Client) error {
			_, err := c.Delete(t.Context(), &pb.DeletePoints{CollectionName: "c", Points: pb.NewPointsSelector(pb.NewID(ids[0]))})
			return err
		}, 1},
		{"deleted, ids and scores only", false, func(c *pb.Client) error {
			_, err := c.Delete(t.Context(), &pb.DeletePoints{CollectionName: "c", Points: pb.NewPointsSelector(pb.NewID(ids[0]))})
			return err
		}, 2},
		{"written into both parts", false, func(c *pb.Client) error {
			for range 2 {
				for part := range 2 {
					id := uuid.New()
					id[15] = id[15]&^1 | byte(part)
					if _, err := c.Upsert(t.Context(), upsert("c", id.String(), 1, 0)); err != nil {
						return err
					}
				}
			}
			return nil
		}, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := qdranttest.New(t)
			c, other := connect(t, s), connect(t, s)
			if err := c.CreateCollection(t.Context(), create("c", 2)); err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if _, err := c.Upsert(t.Context(), upsert("c", id, 1, 0)); err != nil {
					t.Fatal(err)
				}
			}
			s.OnPause(func() {
				s.OnPause(nil)
				if err := test.write(other); err != nil {
					t.Error(err)
				}
			})
			found, err := c.Query(t.Context(), &pb.QueryPoints{CollectionName: "c", Query: pb.NewQueryDense([]float32{1, 0}), WithPayload: pb.NewWithPayload(test.payload)})
			if err != nil || len(found) != test.want {
				t.Errorf("%d points, %v; want %d", len(found), err, test.want)
			}
		})
	}
}

func TestInsertOnlyLeavesWhatIsThere(t *testing.T) {
	c := connect(t, qdranttest.New(t))
	if err := c.CreateCollection(t.Context(), create("c", 2)); err != nil {
		t.Fatal(err)
	}
	for _, v := range [][]float32{{1, 0}, {0, 1}} {
		r := upsert("c", known, v...)
		r.UpdateMode = pb.UpdateMode_InsertOnly.Enum()
		if _, err := c.Upsert(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Get(t.Context(), &pb.GetPoints{CollectionName: "c", Ids: []*pb.PointId{pb.NewID(known), pb.NewID(ids[0])}, WithVectors: pb.NewWithVectors(true)})
	if err != nil || len(got) != 1 || got[0].GetVectors().GetVector().GetDenseVector().GetData()[0] != 1 {
		t.Errorf("%v, %v; want the first vector", got, err)
	}
}
