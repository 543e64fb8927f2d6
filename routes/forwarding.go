package routes

import "time"

// Forwarding says how a route's model is chosen and called. The zero value is
// the plain behaviour: the models in order, the forwarder's limits.
type Forwarding struct {
	// Strategy chooses among the models. Default: order.
	Strategy Strategy `yaml:"strategy,omitempty"`
	// Weights are the shares of the weighted strategy, by model; not negative,
	// at least one positive.
	Weights map[string]int `yaml:"weights,flow,omitempty"`
	// MaxQualityLoss in [0, 1] is what the quality strategy may give up against
	// the best model. Either it or a price is given.
	MaxQualityLoss *float64 `yaml:"max_quality_loss,omitempty"`
	// MaxPrice caps the quality strategy's choice, per million output tokens: in the file
	// in dollars, here in nano-dollars.
	MaxPrice *int64 `yaml:"max_price,omitempty"`
	// Cascade tries the models in order until an answer is accepted. Default: the first
	// answer is given.
	Cascade *Cascade `yaml:"cascade,omitempty"`
	// Tiers names, for a user tier, the models that may serve it, in order.
	Tiers map[string][]string `yaml:"tiers,flow,omitempty"`
	// Stickiness in [0, 1] is how firmly the route holds a conversation that one of its
	// models has answered: 0 holds nothing but calls of tools, 1 holds as long as the
	// model can serve. Default: 0.5.
	Stickiness *float64 `yaml:"stickiness,omitempty"`
	// HedgeAfter starts a second attempt when the first is silent so long. Default: never.
	HedgeAfter time.Duration `yaml:"hedge_after,omitempty"`
	// MaxAttempts bounds all attempts of one call. Default: 4.
	MaxAttempts int `yaml:"max_attempts,omitempty"`
	// Timeouts bound a call of the route.
	Timeouts Timeouts `yaml:"timeouts,omitempty"`
}

// Strategy is a way to choose among a route's models.
type Strategy string

// The strategies; Order is the default.
const (
	Order    Strategy = "order"
	Cheapest Strategy = "cheapest"
	Fastest  Strategy = "fastest"
	Weighted Strategy = "weighted"
	Quality  Strategy = "quality"
)

// Timeouts bound a call; 0 means the default.
type Timeouts struct {
	// Attempt bounds one try of one model. Default: the model's.
	Attempt time.Duration `yaml:"attempt,omitempty"`
	// Total bounds all tries together. Default: 5m.
	Total time.Duration `yaml:"total,omitempty"`
}
