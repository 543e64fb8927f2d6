package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

// answerTokens is how long an answer is taken to be where a catalog's prices
// are turned into the cost of a call: outcomes do not say.
const answerTokens = 256

// callCosts are what one call costs, by model.
type callCosts struct {
	// Assumed: no costs are known, or they tell no models apart. Then the model
	// with the highest mean score counts 1 and that with the lowest 0, so that a
	// cost is the share of calls to the better one. Otherwise they are in USD.
	Assumed bool               `json:"assumed"`
	ByModel map[string]float64 `json:"by_model"`
	// About says where they come from.
	About string `json:"about"`
}

// text writes a cost with four digits that count.
func (c callCosts) text(cost float64) string {
	if c.Assumed {
		return fmt.Sprintf("%.3f", cost)
	}
	digits := 3
	if cost > 0 {
		digits = max(0, 3-int(math.Floor(math.Log10(cost))))
	}
	return "$" + strconv.FormatFloat(cost, 'f', digits, 64)
}

// givenCosts are the costs of one call, in USD, from --cost, then from the
// prices of the catalog, if one is named.
func (s *settings) givenCosts(std stdio, typed []string, outcomes []quality.Outcome) (callCosts, error) {
	costs := callCosts{ByModel: map[string]float64{}, About: "as given"}
	models := modelsOf(outcomes)
	for _, text := range typed {
		model, usd, err := parseCost(text)
		if err != nil {
			return costs, err
		}
		if !slices.Contains(models, model) {
			return costs, wrongUse("--cost: %q has no outcome; there are %s", model, strings.Join(models, ", "))
		}
		if _, twice := costs.ByModel[model]; twice {
			return costs, wrongUse("--cost: %q has two costs", model)
		}
		costs.ByModel[model] = usd
	}
	if len(s.catalog) == 0 {
		return costs, nil
	}
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return costs, err
	}
	return costs, costs.price(catalog.Models, models, outcomes)
}

// price adds what the catalog says of models that have no cost yet.
func (c *callCosts) price(priced []routes.Model, models []string, outcomes []quality.Outcome) error {
	counter, err := engine.NewCounter()
	if err != nil {
		return err
	}
	tokens := 0
	for _, o := range outcomes {
		tokens += counter.CountTokens(o.Text)
	}
	usage := forward.Usage{InputTokens: int64(tokens / len(outcomes)), OutputTokens: answerTokens}
	for _, m := range priced {
		price := m.Prices.At(time.Now())
		if _, given := c.ByModel[m.Name]; !given && price != nil && slices.Contains(models, m.Name) {
			c.ByModel[m.Name] = float64(forward.Cost(*price, usage)) / 1e9
			c.About = fmt.Sprintf("by the catalog's prices, for %d tokens of prompt and %d of answer", usage.InputTokens, usage.OutputTokens)
		}
	}
	return nil
}

// parseCost reads MODEL=USD. A model's name may hold a "=" itself.
func parseCost(text string) (model string, usd float64, err error) {
	at := strings.LastIndex(text, "=")
	if at > 0 {
		usd, err = strconv.ParseFloat(strings.TrimPrefix(text[at+1:], "$"), 64)
	}
	if at <= 0 || err != nil || !(usd >= 0) || math.IsInf(usd, 0) {
		return "", 0, wrongUse("--cost is MODEL=USD for one call, as large=0.002, not %q", text)
	}
	return text[:at], usd, nil
}

// of are the costs of the models that every prompt has a prediction for. Where
// they tell no models apart they are assumed.
func (c callCosts) of(outcomes []quality.Outcome, predictions []map[string]float64) callCosts {
	known := func(model string) bool {
		return !slices.ContainsFunc(predictions, func(p map[string]float64) bool {
			_, ok := p[model]
			return !ok
		})
	}
	models := slices.DeleteFunc(modelsOf(outcomes), func(m string) bool { return !known(m) })
	usable := callCosts{ByModel: map[string]float64{}, About: c.About}
	different := map[float64]bool{}
	for _, m := range models {
		if cost, ok := c.ByModel[m]; ok {
			usable.ByModel[m] = cost
			different[cost] = true
		}
	}
	if len(usable.ByModel) == 1 || len(different) > 1 || len(models) < 2 {
		return usable
	}
	return assumed(outcomes, models)
}

// assumed are the costs of the best and the worst of at least two models.
func assumed(outcomes []quality.Outcome, models []string) callCosts {
	means := map[string]float64{}
	for _, m := range models {
		sum, n := 0.0, 0.0
		for _, o := range outcomes {
			if score, ok := o.Scores[m]; ok {
				sum, n = sum+score, n+1
			}
		}
		means[m] = sum / max(n, 1)
	}
	slices.SortStableFunc(models, func(a, b string) int { return cmp.Compare(means[a], means[b]) })
	return callCosts{
		Assumed: true, ByModel: map[string]float64{models[0]: 0, models[len(models)-1]: 1},
		About: "assumed, as none are known or all are equal: 1 for the best model, 0 for the worst, so that the cost is the share of calls to the best",
	}
}
