package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

// answerTokens is how long an answer is taken to be where a catalog's prices
// are turned into the cost of a call: outcomes do not say.
const answerTokens = 256

// ErrCost: a cost cannot be read, or is of no model; the text says why.
var ErrCost = errors.New("cost is not usable")

// Costs are what one call costs, by model.
type Costs struct {
	// Assumed: no costs are known, or they tell no models apart. Then the model
	// with the highest mean score counts 1 and that with the lowest 0, so that a
	// cost is the share of calls to the better one. Otherwise they are in USD.
	Assumed bool               `json:"assumed"`
	ByModel map[string]float64 `json:"by_model"`
	// About says where they come from.
	About string `json:"about"`
}

// text writes a cost with four digits that count.
func (c Costs) text(cost float64) string {
	if c.Assumed {
		return fmt.Sprintf("%.3f", cost)
	}
	digits := 3
	if cost > 0 {
		digits = max(0, 3-int(math.Floor(math.Log10(cost))))
	}
	return "$" + strconv.FormatFloat(cost, 'f', digits, 64)
}

// Given are the costs of one call, in USD, that were typed as MODEL=USD.
func Given(typed []string, outcomes []quality.Outcome) (Costs, error) {
	costs := Costs{ByModel: map[string]float64{}, About: "as given"}
	models := quality.Models(outcomes)
	for _, text := range typed {
		model, usd, err := ParseCost(text)
		if err != nil {
			return costs, err
		}
		if !slices.Contains(models, model) {
			return costs, fmt.Errorf("%w: %q has no outcome; there are %s", ErrCost, model, strings.Join(models, ", "))
		}
		if _, twice := costs.ByModel[model]; twice {
			return costs, fmt.Errorf("%w: %q has two costs", ErrCost, model)
		}
		costs.ByModel[model] = usd
	}
	return costs, nil
}

// AddPrices adds what the prices of a day say of models that have no cost yet,
// for a prompt of the outcomes' mean length.
func (c *Costs) AddPrices(priced []routes.Model, at time.Time, counter forward.Counter, outcomes []quality.Outcome) {
	tokens := 0
	for _, o := range outcomes {
		tokens += counter.CountTokens(o.Text)
	}
	usage := forward.Usage{InputTokens: int64(tokens / max(len(outcomes), 1)), OutputTokens: answerTokens}
	models := quality.Models(outcomes)
	for _, m := range priced {
		price := m.Prices.At(at)
		if _, given := c.ByModel[m.Name]; !given && price != nil && slices.Contains(models, m.Name) {
			c.ByModel[m.Name] = float64(forward.Cost(*price, usage)) / routes.NanoPerUSD
			c.About = fmt.Sprintf("by the catalog's prices, for %d tokens of prompt and %d of answer", usage.InputTokens, usage.OutputTokens)
		}
	}
}

// ParseCost reads MODEL=USD. A model's name may hold a "=" itself.
func ParseCost(text string) (model string, usd float64, err error) {
	at := strings.LastIndex(text, "=")
	if at > 0 {
		usd, err = strconv.ParseFloat(strings.TrimPrefix(text[at+1:], "$"), 64)
	}
	if at <= 0 || err != nil || !(usd >= 0) || math.IsInf(usd, 0) {
		return "", 0, fmt.Errorf("%w: it is MODEL=USD for one call, as large=0.002, not %q", ErrCost, text)
	}
	return text[:at], usd, nil
}

// of are the costs of the models that every prompt has a prediction for. Where
// they tell no models apart they are assumed.
func (c Costs) of(outcomes []quality.Outcome, predictions []map[string]float64) Costs {
	known := func(model string) bool {
		return !slices.ContainsFunc(predictions, func(p map[string]float64) bool {
			_, ok := p[model]
			return !ok
		})
	}
	models := slices.DeleteFunc(quality.Models(outcomes), func(m string) bool { return !known(m) })
	usable := Costs{ByModel: map[string]float64{}, About: c.About}
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
func assumed(outcomes []quality.Outcome, models []string) Costs {
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
	return Costs{
		Assumed: true, ByModel: map[string]float64{models[0]: 0, models[len(models)-1]: 1},
		About: "assumed, as none are known or all are equal: 1 for the best model, 0 for the worst, so that the cost is the share of calls to the best",
	}
}
