package auth

import (
	"fmt"
	"maps"
	"slices"
)

// Action names what is asked for: the full method of an RPC, or an HTTP pattern
// as "POST /v1/chat/completions".
type Action string

// What is done for a caller behind every protocol.
const (
	ToDecide  Action = "a decision"
	ToForward Action = "a call to a model"
)

// table is the one place that says which role an action needs.
var table = map[Action]Role{
	ToDecide:  Decide,
	ToForward: Forward,

	// With forward set, Route asks for a call to a model as well.
	"/semroute.v1.RouterService/Route":       Decide,
	"/semroute.v1.RouterService/RouteBatch":  Decide,
	"/semroute.v1.RouterService/StreamRoute": Forward,

	// A catalog holds every utterance, and what models cost: reading it is for
	// administrators, too.
	"/semroute.v1.CatalogService/ListRoutes":       Admin,
	"/semroute.v1.CatalogService/GetRoute":         Admin,
	"/semroute.v1.CatalogService/PutRoute":         Admin,
	"/semroute.v1.CatalogService/DeleteRoute":      Admin,
	"/semroute.v1.CatalogService/AddUtterances":    Admin,
	"/semroute.v1.CatalogService/RemoveUtterances": Admin,
	"/semroute.v1.CatalogService/ApplyChanges":     Admin,
	"/semroute.v1.CatalogService/ValidateCatalog":  Admin,
	"/semroute.v1.CatalogService/Preview":          Admin,
	"/semroute.v1.CatalogService/GetStatus":        Admin,
	"/semroute.v1.CatalogService/WatchStatus":      Admin,
	"/semroute.v1.CatalogService/Reload":           Admin,
	"/semroute.v1.CatalogService/Rollback":         Admin,
	"/semroute.v1.CatalogService/ListRevisions":    Admin,
	"/semroute.v1.CatalogService/GetRevision":      Admin,
	"/semroute.v1.CatalogService/ExportCatalog":    Admin,

	// What was said of decisions, and the prompts they were about, are for
	// administrators; telling is not.
	"/semroute.v1.FeedbackService/GiveFeedback":     Feedback,
	"/semroute.v1.FeedbackService/ListFeedback":     Admin,
	"/semroute.v1.FeedbackService/ExportFeedback":   Admin,
	"/semroute.v1.FeedbackService/GetPromises":      Admin,
	"/semroute.v1.FeedbackService/ListSuggestions":  Admin,
	"/semroute.v1.FeedbackService/AcceptSuggestion": Admin,
	"/semroute.v1.FeedbackService/RejectSuggestion": Admin,

	// By HTTP: what other protocols ask for.
	"POST /v1/chat/completions":          Forward,
	"POST /v1/responses":                 Forward,
	"POST /v1/responses/compact":         Forward,
	"GET /v1/responses/{id}":             Forward,
	"DELETE /v1/responses/{id}":          Forward,
	"GET /v1/responses/{id}/input_items": Forward,
	"POST /v1/embeddings":                Decide,
	"GET /v1/models":                     Known,
	"GET /v1/models/{name...}":           Known,
	"POST /v1/messages":                  Forward,
	"POST /v1/messages/count_tokens":     Decide,
	"POST /v1/systemone":                 Decide,
	"GET /openapi.yaml":                  Anyone,

	// The console: a page for anyone, a session for whom auth knows.
	"GET /console":            Anyone,
	"GET /console/{file...}":  Anyone,
	"GET /console/login":      Anyone,
	"GET /console/login/done": Anyone,
	"GET /console/session":    Known,
	"POST /console/session":   Known,
	"DELETE /console/session": Anyone,

	// What traffic looks like, with prompts where they may be kept, and what answers it.
	"/semroute.v1.TrafficService/GetDrift":        Admin,
	"/semroute.v1.TrafficService/AcceptDrift":     Admin,
	"/semroute.v1.TrafficService/ListAlarms":      Admin,
	"/semroute.v1.TrafficService/GetShadow":       Admin,
	"/semroute.v1.TrafficService/PromoteShadow":   Admin,
	"/semroute.v1.TrafficService/GetTrials":       Admin,
	"/semroute.v1.TrafficService/GetDecision":     Admin,
	"/semroute.v1.TrafficService/ListDecisions":   Admin,
	"/semroute.v1.TrafficService/GetTraffic":      Admin,
	"/semroute.v1.TrafficService/ListModelStates": Admin,
	"/semroute.v1.TrafficService/ListBudgets":     Admin,

	// An evaluation shows labelled prompts.
	"/semroute.v1.QualityService/GetEvaluation": Admin,

	// A map shows every utterance, and prompts where they are kept.
	"/semroute.v1.MapService/GetMap":       Admin,
	"/semroute.v1.MapService/PlacePrompts": Admin,

	// By the administrators' listener.
	"GET /metrics":             Metrics,
	"GET /debug/pprof/":        Admin,
	"GET /debug/pprof/profile": Admin,
	"GET /debug/pprof/symbol":  Admin,
	"GET /debug/pprof/trace":   Admin,
	"GET /healthz":             Anyone,
	"GET /readyz":              Anyone,

	// Orchestrators have no keys, and learn no more than whether it serves.
	"/grpc.health.v1.Health/Check": Anyone,
	"/grpc.health.v1.Health/Watch": Anyone,
	"/grpc.health.v1.Health/List":  Anyone,

	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      Known,
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": Known,
}

// Needed is the role of an action. One that the table does not name is for
// administrators.
func Needed(a Action) Role {
	if role, ok := table[a]; ok {
		return role
	}
	return Admin
}

// Actions are all that the table names, in order.
func Actions() []Action { return slices.Sorted(maps.Keys(table)) }

// Authorize is an ErrDenied where the identity lacks the role of the action.
func Authorize(i *Identity, a Action) error {
	if needed := Needed(a); !i.May(needed) {
		return fmt.Errorf("%w: it needs the role %s, which %s does not have", ErrDenied, needed, i.Name)
	}
	return nil
}
