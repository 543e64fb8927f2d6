package forward_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
)

// TestTimesOfARecordHaveOneUnit as all other JSON has it, and the nanoseconds
// that readers of records know stay beside them.
func TestTimesOfARecordHaveOneUnit(t *testing.T) {
	r := forward.Record{
		Latency: 5 * time.Millisecond, FirstPiece: 1500 * time.Nanosecond,
		Attempts: []forward.Attempt{{Start: time.Millisecond, Latency: 2 * time.Millisecond, FirstPiece: time.Microsecond}},
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		LatencyNS    int64 `json:"latency_ns"`
		LatencyUS    int64 `json:"latency_us"`
		FirstPieceUS int64 `json:"first_piece_us"`
		Attempts     []struct {
			StartNS      int64 `json:"start_ns"`
			StartUS      int64 `json:"start_us"`
			LatencyUS    int64 `json:"latency_us"`
			FirstPieceUS int64 `json:"first_piece_us"`
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.LatencyNS != 5e6 || got.LatencyUS != 5000 || got.FirstPieceUS != 1 {
		t.Errorf("%s", raw)
	}
	if a := got.Attempts[0]; a.StartNS != 1e6 || a.StartUS != 1000 || a.LatencyUS != 2000 || a.FirstPieceUS != 1 {
		t.Errorf("%s", raw)
	}
	var back forward.Record
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}
