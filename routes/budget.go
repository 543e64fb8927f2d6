package routes

// Budget limits what is spent on the calls that it covers.
type Budget struct {
	// Name identifies the budget in errors and records.
	Name string `yaml:"name"`
	// Per says whose spending is counted.
	Per BudgetScope `yaml:"per"`
	// Match limits the budget to the user, team, route or key of this name. Default: each
	// one has a budget of its own.
	Match string `yaml:"match,omitempty"`
	// USD is the limit for one window, in the file in dollars, here in nano-dollars.
	// Default: no limit.
	USD *int64 `yaml:"usd,omitempty"`
	// TokensPerMinute limits input and output tokens together. Default: no limit.
	TokensPerMinute int64 `yaml:"tokens_per_minute,omitempty"`
	// Window is the span after which the budget starts again, by UTC. Default: day.
	Window BudgetWindow `yaml:"window,omitempty"`
	// OnExceeded says what becomes of calls when it is spent: refuse them, or take the
	// cheapest model that the route allows. Default: refuse.
	OnExceeded BudgetAction `yaml:"on_exceeded,omitempty"`
}

// BudgetScope says whose spending a budget counts.
type BudgetScope string

// The budget scopes.
const (
	PerUser  BudgetScope = "user"
	PerTeam  BudgetScope = "team"
	PerRoute BudgetScope = "route"
	// PerKey counts what is spent with one API key, token or certificate. Callers
	// that nobody asks who they are share one.
	PerKey BudgetScope = "key"
)

// BudgetWindow is the span after which a budget starts again.
type BudgetWindow string

// The budget windows; Day is the default.
const (
	Day   BudgetWindow = "day"
	Month BudgetWindow = "month"
)

// BudgetAction says what happens to a call that a spent budget covers.
type BudgetAction string

// The budget actions; Refuse is the default. Downgrade takes the cheapest model
// that the route allows.
const (
	Refuse    BudgetAction = "refuse"
	Downgrade BudgetAction = "downgrade"
)
