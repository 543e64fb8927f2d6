package server

import semroutev1 "github.com/semroute/semroute/proto/semroute/v1"

// maxTextBytes is the schema's bound of Prompt.text; the test of this file holds
// the two together.
const maxTextBytes = 1 << 20

// bare says that a request is a text within its bound and nothing else, which
// is most of them. The schema has nothing to say about it, and asking costs more
// than looking.
func bare(req any) bool {
	switch r := req.(type) {
	case *semroutev1.RouteRequest:
		return r.GetOptions() == nil && r.GetCall() == nil && bareText(r.GetPrompt())
	case *semroutev1.StreamRouteRequest:
		return r.GetOptions() == nil && r.GetCall() == nil && bareText(r.GetPrompt())
	}
	return false
}

func bareText(p *semroutev1.Prompt) bool {
	text, ok := p.GetInput().(*semroutev1.Prompt_Text)
	return ok && len(text.Text) <= maxTextBytes && len(p.GetMetadata()) == 0 && p.GetUser() == nil
}
