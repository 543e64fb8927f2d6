package capacity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlansFollowTheDocumentedArithmetic(t *testing.T) {
	const million = 1e6
	for _, test := range []struct {
		name string
		load workload
		want plan
	}{
		{
			"a million float32 vectors are Qdrant's formula on the fewest nodes",
			workload{utterances: million, dimension: 256},
			plan{
				memory: million * 256 * 4 * 1.5, disk: 1.5 * million * (1024 + 132 + 56 + 150),
				nodes: 3, shards: 6, segments: 48, inAll: 48 * 3200, inRoutes: 800,
			},
		},
		{
			"8-bit copies take a quarter of the vectors' memory and more disk",
			workload{utterances: million, dimension: 256, quantized: true},
			plan{
				memory: 1.5 * million * (256 + 132 + 56), disk: 1.5 * million * (1024 + 132 + 56 + 150 + 256),
				nodes: 3, shards: 6, segments: 48, inAll: 48 * 3200, inRoutes: 800,
			},
		},
		{
			"large ones are spread by memory: 2 × 460.8 GB on 51.2 GB each",
			workload{utterances: 100 * million, dimension: 768},
			plan{
				memory: 460.8e9, disk: 1.5 * 100 * million * (3072 + 132 + 56 + 150),
				nodes: 18, shards: 36, segments: 288, inAll: 288 * 3200, inRoutes: 800,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, planFor(test.load), cmp.AllowUnexported(plan{})); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}
