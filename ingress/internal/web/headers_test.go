package web_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
)

func TestADecisionSaysInTheHeadWhatItDidWithout(t *testing.T) {
	for name, c := range map[string]struct {
		degraded []router.Degradation
		want     []string
	}{
		"nothing":       {nil, nil},
		"the embedder":  {[]router.Degradation{{Cause: router.CauseEmbedder, Text: "took too long"}}, []string{"embedder"}},
		"several parts": {[]router.Degradation{{Cause: router.CauseStore}, {Cause: router.CauseIndex}}, []string{"store", "index"}},
	} {
		t.Run(name, func(t *testing.T) {
			head := http.Header{}
			web.TellDecision(head, &router.Decision{Route: "refunds", Degraded: c.degraded})
			if diff := cmp.Diff(c.want, head.Values("X-Semroute-Degraded")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
