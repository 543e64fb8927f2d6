package agents

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// models stand in for those of the catalog: the first one that the policies name
// answers, at its price, with what it read before in its cache.
type models struct {
	*policy.Order
	catalog *routes.Catalog
	answer  chat.Message // of the call under way
}

// counter takes four letters for a token.
type counter struct{}

func (counter) CountTokens(text string) int { return (utf8.RuneCountInString(text) + 3) / 4 }

func newModels(catalog *routes.Catalog) (*models, error) {
	order, err := policy.NewOrder(policy.Deps{Catalog: catalog, Tokens: counter{}}, forward.Config{})
	if err != nil {
		return nil, err
	}
	return &models{Order: order, catalog: catalog}, nil
}

// Forward implements ingress.Forwarder.
func (m *models) Forward(_ context.Context, call forward.Call, sink forward.Sink) (forward.Record, error) {
	order := m.Models(call)
	if len(order) == 0 {
		return forward.Record{}, fmt.Errorf("%w: %q", forward.ErrNoModel, call.Models)
	}
	record := forward.Record{Decision: call.Decision, Model: order[0], Forwarded: true, Finish: forward.FinishStop}
	piece := forward.Piece{Text: m.answer.Text()}
	for _, c := range m.answer.ToolCalls {
		piece.Tool = &forward.ToolPiece{ID: c.ID, Name: c.Name, Arguments: c.Arguments}
	}
	if err := sink(piece); err != nil {
		return record, err
	}
	record.Usage = forward.Usage{InputTokens: forward.CountPrompt(counter{}, call.Request), OutputTokens: int64(counter{}.CountTokens(piece.Text)) + 64}
	if call.Session != nil {
		s := call.Session.Answered(record.Model)
		record.Session = &s
	}
	return record, nil
}

// price of a model.
func (m *models) price(name string) routes.Price {
	for i := range m.catalog.Models {
		if m.catalog.Models[i].Name == name && len(m.catalog.Models[i].Prices) > 0 {
			return m.catalog.Models[i].Prices[0]
		}
	}
	return routes.Price{}
}
