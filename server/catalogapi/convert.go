package catalogapi

import (
	"github.com/semroute/semroute/engine/revision"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func summary(r *routes.Route) *semroutev1.RouteSummary {
	return &semroutev1.RouteSummary{
		Name: r.Name, Description: r.Description, Models: r.Models, Utterances: uint32(len(r.Utterances)), Etag: edit.Etag(r),
	}
}

func routeToProto(r *routes.Route) (*semroutev1.RouteDefinition, error) {
	policy, err := routes.WriteForwarding(r.Forwarding)
	if err != nil {
		return nil, err
	}
	return &semroutev1.RouteDefinition{
		Name: r.Name, Description: r.Description, Utterances: r.Utterances, Models: r.Models,
		MinConfidence: r.MinConfidence, MinMargin: r.MinMargin, Metadata: r.Metadata, Policy: string(policy),
	}, nil
}

func putFromProto(r *semroutev1.RouteDefinition, etag string) *edit.Put {
	return &edit.Put{
		Route: routes.Route{
			Name: r.GetName(), Description: r.GetDescription(), Utterances: r.GetUtterances(), Models: r.GetModels(),
			MinConfidence: r.MinConfidence, MinMargin: r.MinMargin, Metadata: r.GetMetadata(),
		},
		Policy: r.GetPolicy(), Etag: etag,
	}
}

func changesFromProto(list []*semroutev1.CatalogChange) []edit.Change {
	changes := make([]edit.Change, len(list))
	for i, c := range list {
		switch change := c.GetChange().(type) {
		case *semroutev1.CatalogChange_PutRoute_:
			changes[i].Put = putFromProto(change.PutRoute.GetRoute(), change.PutRoute.GetEtag())
		case *semroutev1.CatalogChange_DeleteRoute_:
			changes[i].Delete = &edit.Delete{Route: change.DeleteRoute.GetName(), Etag: change.DeleteRoute.GetEtag()}
		case *semroutev1.CatalogChange_AddUtterances:
			changes[i].Add = utterancesFromProto(change.AddUtterances)
		case *semroutev1.CatalogChange_RemoveUtterances:
			changes[i].Remove = utterancesFromProto(change.RemoveUtterances)
		case *semroutev1.CatalogChange_ReplaceCatalog_:
			changes[i].Replace = &edit.Replace{YAML: change.ReplaceCatalog.GetYaml()}
		}
	}
	return changes
}

func utterancesFromProto(u *semroutev1.CatalogChange_ChangeUtterances) *edit.Utterances {
	return &edit.Utterances{Route: u.GetRoute(), Texts: u.GetUtterances(), Etag: u.GetEtag()}
}

func revisionToProto(r revision.Revision) *semroutev1.Revision {
	return &semroutev1.Revision{
		Number: r.Number, Etag: r.Etag, Author: r.Author, Cause: r.Cause, Time: timestamppb.New(r.Time),
	}
}

func appliedToProto(a revision.Applied) *semroutev1.Applied {
	return &semroutev1.Applied{
		Revision: revisionToProto(a.Revision), Fingerprint: a.Fingerprint, Unchanged: a.Unchanged, Warnings: warningsToProto(a.Warnings),
	}
}

func warningsToProto(list []routes.Problem) []string {
	var texts []string
	for _, w := range list {
		texts = append(texts, w.Message)
	}
	return texts
}
