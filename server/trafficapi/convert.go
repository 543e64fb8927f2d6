package trafficapi

import (
	"strings"

	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/models"
	"github.com/semroute/semroute/learn/monitor"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

var sources = map[routes.ReferenceSource]semroutev1.DriftReference_Source{
	routes.FromPrompts:    semroutev1.DriftReference_PROMPTS,
	routes.FromUtterances: semroutev1.DriftReference_UTTERANCES,
	routes.FromTraffic:    semroutev1.DriftReference_TRAFFIC,
}

var driftKinds = map[drift.Kind]semroutev1.DriftNumber_Kind{
	drift.Confidence: semroutev1.DriftNumber_CONFIDENCE, drift.Abstention: semroutev1.DriftNumber_ABSTENTION,
	drift.Similarity: semroutev1.DriftNumber_SIMILARITY, drift.Share: semroutev1.DriftNumber_SHARE,
}

var modelKinds = map[models.Kind]semroutev1.ModelNumber_Kind{
	models.Length: semroutev1.ModelNumber_ANSWER_LENGTH, models.Refusals: semroutev1.ModelNumber_REFUSALS,
	models.Latency: semroutev1.ModelNumber_LATENCY, models.Errors: semroutev1.ModelNumber_ERRORS,
	models.Rejections: semroutev1.ModelNumber_REJECTIONS, models.Score: semroutev1.ModelNumber_JUDGE_SCORE,
}

var alarmSources = map[alarm.Source]semroutev1.Alarm_Source{
	alarm.Drift: semroutev1.Alarm_DRIFT, alarm.Model: semroutev1.Alarm_MODEL, alarm.Name: semroutev1.Alarm_NAME,
	alarm.Canary: semroutev1.Alarm_CANARY, alarm.Promise: semroutev1.Alarm_PROMISE,
}

func driftToProto(r monitor.Report) *semroutev1.GetDriftResponse {
	p := &semroutev1.GetDriftResponse{
		Fingerprint: r.Fingerprint, Reference: referenceToProto(r.Reference), Learning: uint32(r.Learning),
		Prompts: r.Prompts, LeftOut: r.LeftOut, Dropped: r.Dropped, RunLength: r.RunLength,
	}
	for _, n := range r.Numbers {
		p.Numbers = append(p.Numbers, &semroutev1.DriftNumber{
			Kind: driftKinds[n.Kind], Route: n.Route, Reference: n.Reference, Low: n.Band.Low, High: n.Band.High,
			Window: n.Window, Evidence: n.Evidence, Alarming: n.Alarming,
		})
	}
	for i := range r.Models {
		p.Models = append(p.Models, modelToProto(&r.Models[i]))
	}
	return p
}

// referenceToProto is nil for none.
func referenceToProto(r *routes.Reference) *semroutev1.DriftReference {
	if r == nil {
		return nil
	}
	return &semroutev1.DriftReference{Source: sources[r.From], Prompts: uint32(r.Prompts)}
}

func modelToProto(r *models.Report) *semroutev1.ModelReport {
	p := &semroutev1.ModelReport{Model: r.Model, Calls: int64(r.Calls), Learning: r.Learning}
	for _, name := range r.Names {
		p.Names = append(p.Names, strings.ToValidUTF8(name, "\ufffd"))
	}
	for _, n := range r.Numbers {
		p.Numbers = append(p.Numbers, &semroutev1.ModelNumber{
			Kind: modelKinds[n.Kind], Reference: n.Reference, Now: n.Now, Evidence: n.Evidence, Alarming: n.Alarming,
		})
	}
	return p
}

func alarmToProto(a *alarm.Alarm) *semroutev1.Alarm {
	p := &semroutev1.Alarm{
		Number: a.Number, Source: alarmSources[a.Source], Subject: a.Subject, What: strings.ToValidUTF8(a.What, "\ufffd"),
		Message: strings.ToValidUTF8(a.Message, "\ufffd"), Reference: a.Reference, Now: a.Now, SinceUnixMs: a.Since.UnixMilli(),
	}
	if a.Over != nil {
		p.OverUnixMs = a.Over.UnixMilli()
	}
	return p
}
