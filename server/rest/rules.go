// Package rest says how the gRPC services look as REST and JSON: the rules that a
// transcoder follows, and the OpenAPI document that is made from them and from the
// schema (make generate). It answers no call itself but that for the document.
package rest

import "google.golang.org/genproto/googleapis/api/annotations"

const (
	routerMethods   = "semroute.v1.RouterService."
	catalogMethods  = "semroute.v1.CatalogService."
	feedbackMethods = "semroute.v1.FeedbackService."
	trafficMethods  = "semroute.v1.TrafficService."
	qualityMethods  = "semroute.v1.QualityService."
	mapMethods      = "semroute.v1.MapService."
)

// Rules say at which paths RPCs are answered as REST: all of them but Route, which
// has RouteRule, and streams, which have no such form: Connect and gRPC-Web carry
// them.
func Rules() []*annotations.HttpRule {
	return []*annotations.HttpRule{
		post(routerMethods+"RouteBatch", "/v1/route/batch"),

		get(catalogMethods+"ListRoutes", "/v1/catalog/routes"),
		get(catalogMethods+"GetRoute", "/v1/catalog/routes/{name}"),
		post(catalogMethods+"PutRoute", "/v1/catalog/routes"),
		{Selector: catalogMethods + "DeleteRoute", Pattern: &annotations.HttpRule_Delete{Delete: "/v1/catalog/routes/{name}"}},
		post(catalogMethods+"AddUtterances", "/v1/catalog/utterances"),
		post(catalogMethods+"RemoveUtterances", "/v1/catalog/utterances/remove"),
		post(catalogMethods+"ApplyChanges", "/v1/catalog/changes"),
		post(catalogMethods+"ValidateCatalog", "/v1/catalog/validate"),
		post(catalogMethods+"Preview", "/v1/catalog/preview"),
		get(catalogMethods+"GetStatus", "/v1/catalog/status"),
		post(catalogMethods+"Reload", "/v1/catalog/reload"),
		post(catalogMethods+"Rollback", "/v1/catalog/rollback"),
		get(catalogMethods+"ListRevisions", "/v1/catalog/revisions"),
		get(catalogMethods+"GetRevision", "/v1/catalog/revisions/{number}"),
		get(catalogMethods+"ExportCatalog", "/v1/catalog/export"),

		post(feedbackMethods+"GiveFeedback", "/v1/feedback"),
		get(feedbackMethods+"ListFeedback", "/v1/feedback"),
		get(feedbackMethods+"GetPromises", "/v1/feedback/promises"),
		get(feedbackMethods+"ListSuggestions", "/v1/suggestions"),
		post(feedbackMethods+"AcceptSuggestion", "/v1/suggestions/accept"),
		post(feedbackMethods+"RejectSuggestion", "/v1/suggestions/reject"),

		get(trafficMethods+"ListDecisions", "/v1/traffic/decisions"),
		get(trafficMethods+"GetDecision", "/v1/traffic/decisions/{decision_id}"),
		get(trafficMethods+"ListAlarms", "/v1/traffic/alarms"),
		get(trafficMethods+"GetDrift", "/v1/traffic/drift"),
		post(trafficMethods+"AcceptDrift", "/v1/traffic/drift/accept"),
		get(trafficMethods+"GetShadow", "/v1/traffic/shadow"),
		post(trafficMethods+"PromoteShadow", "/v1/traffic/shadow/promote"),
		get(trafficMethods+"GetTrials", "/v1/traffic/trials"),
		get(trafficMethods+"GetTraffic", "/v1/traffic"),
		get(trafficMethods+"ListModelStates", "/v1/traffic/models"),
		get(trafficMethods+"ListBudgets", "/v1/traffic/budgets"),

		get(qualityMethods+"GetEvaluation", "/v1/quality/evaluation"),

		get(mapMethods+"GetMap", "/v1/map"),
		post(mapMethods+"PlacePrompts", "/v1/map/place"),
	}
}

// RouteRule is that of Route. It stands alone because a transcoder takes the name in
// a rule for the beginning of names, and RouteBatch begins alike: it needs a
// transcoder that knows no other method, see OnlyRoute.
func RouteRule() *annotations.HttpRule { return post(routerMethods+"Route", "/v1/route") }

func post(selector, path string) *annotations.HttpRule {
	return &annotations.HttpRule{Selector: selector, Pattern: &annotations.HttpRule_Post{Post: path}, Body: "*"}
}

func get(selector, path string) *annotations.HttpRule {
	return &annotations.HttpRule{Selector: selector, Pattern: &annotations.HttpRule_Get{Get: path}}
}

// Pattern is the rule as a pattern of http.ServeMux.
func Pattern(rule *annotations.HttpRule) string {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET " + p.Get
	case *annotations.HttpRule_Delete:
		return "DELETE " + p.Delete
	}
	return "POST " + rule.GetPost()
}
