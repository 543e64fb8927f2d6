package server

import semroutev1 "github.com/semroute/semroute/proto/semroute/v1"

// maxTextBytes is the schema's bound of Prompt.text; the test of this file holds
// the two together.
const maxTextBytes = 1 << 20

// bare says that a request is a text within its bound and nothing else, which
// is most of them. The schema has nothing to say about it, and asking costs more
// than looking.
func bare(req any) bool {
	r, ok := req.(*semroutev1.RouteRequest)
	if !ok || r.GetOptions() != nil || r.GetCall() != nil {
		return false
	}
	p := r.GetPrompt()
	text, ok := p.GetInput().(*semroutev1.Prompt_Text)
	return ok && len(text.Text) <= maxTextBytes && len(p.GetMetadata()) == 0 && p.GetUser() == nil
}
