package engine

import (
	"math"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/routes"
)

// Fit is what was found about when to trust the decisions of an assembly.
type Fit struct {
	// Overall is the promise for all routes together.
	Overall classify.Promise
	// Guarded says that Overall's threshold was raised to the one that refuses
	// prompts unlike any utterance, because no prompt that fits nowhere was
	// there to learn from.
	Guarded bool
	// Attainable is a precision that could be promised where Overall could not be
	// kept, and Proposed that promise; 0 where none can.
	Attainable float64
	Proposed   classify.Promise
	// Routes are the routes whose decisions are right significantly less often
	// than asked at the overall threshold, with a promise of their own.
	Routes map[string]classify.Promise
	// Unpromised are routes among those that no threshold could bring there.
	Unpromised []string
	// OutOfScope counts the prompts that fit nowhere, InScope the others.
	InScope, OutOfScope int
	// Static is where the static stage may answer; nil where it was not measured.
	Static *classify.Cascade
}

// HeldOut are the decisions on the catalog's own utterances by models that
// had not seen them, with the routes' names by number.
func (a *Assembly) HeldOut() ([]classify.Prediction, []string) {
	return a.Ranker().Model().HeldOut(), a.Ranker().Routes()
}

// RouteID is the number of a route in predictions; classify.None for none.
func (a *Assembly) RouteID(name string) int32 {
	return a.Ranker().RouteID(name)
}

// Fit finds the bounds that keep the precision, on predictions made by this
// assembly for labelled prompts, or on its held-out utterances if there are
// none, and where the static stage may answer at a loss of accuracy of at most
// maxLoss.
func (a *Assembly) Fit(predictions []classify.Prediction, precision, maxLoss float64) Fit {
	if predictions == nil {
		predictions = a.Ranker().Model().HeldOut()
	}
	f := Fit{Routes: map[string]classify.Promise{}}
	for i := range predictions {
		if predictions[i].Label == classify.None {
			f.OutOfScope++
		} else {
			f.InScope++
		}
	}
	f.Overall = classify.PromisePrecision(predictions, precision)
	if floor := a.Ranker().Model().Thresholds().Confidence; f.OutOfScope == 0 && f.Overall.Threshold < floor {
		f.Guarded = true
		f.Overall = classify.PromiseAt(predictions, floor, precision)
	}
	if !f.Overall.Kept {
		f.Attainable, f.Proposed, _ = classify.AttainablePrecision(predictions)
	}
	a.fitRoutes(&f, predictions, precision)
	f.Static = a.cascade(maxLoss, 1)
	return f
}

// fitRoutes gives a bound of its own to every route that misses the precision
// at the overall bound by more than chance.
func (a *Assembly) fitRoutes(f *Fit, predictions []classify.Prediction, precision float64) {
	byRoute := make([][]classify.Prediction, len(a.Ranker().Routes()))
	for _, p := range predictions {
		if p.Route != classify.None {
			byRoute[p.Route] = append(byRoute[p.Route], p)
		}
	}
	for id, own := range byRoute {
		accepted, wrong := 0, 0
		for i := range own {
			if own[i].Confidence >= f.Overall.Threshold {
				accepted++
				if !own[i].Right() {
					wrong++
				}
			}
		}
		if !tooManyWrong(wrong, accepted, precision) {
			continue
		}
		name := a.Ranker().Routes()[id]
		promise := classify.PromisePrecision(own, precision)
		if !promise.Kept {
			f.Unpromised = append(f.Unpromised, name)
			continue
		}
		f.Routes[name] = promise
	}
}

// tooManyWrong says that so many wrong decisions would be an accident in less
// than one of twenty cases if the precision held (normal approximation with
// continuity correction).
func tooManyWrong(wrong, accepted int, precision float64) bool {
	expected := (1 - precision) * float64(accepted)
	deviation := math.Sqrt(expected * precision)
	return float64(wrong)-0.5 > expected+1.645*deviation && wrong > 1
}

// Fitted is the fit as the catalog keeps it.
func (a *Assembly) Fitted(f Fit, precision float64) routes.Fitted {
	fitted := routes.Fitted{
		Embedder:  a.Embedder.Fingerprint(),
		Training:  a.Generation.Catalog().TrainingFingerprint(),
		Precision: precision,
		Routes:    map[string]float64{},
	}
	if confidence := bound(f.Overall.Threshold); f.Overall.Kept || f.Guarded {
		fitted.MinConfidence = &confidence
	}
	for name, promise := range f.Routes {
		fitted.Routes[name] = bound(promise.Threshold)
	}
	fitted.Static = boundOf(f.Static)
	return fitted
}

// bound rounds a threshold down to what is written, so that the prompt that
// set it still passes.
func bound(threshold float32) float64 {
	return math.Floor(float64(threshold)*1e6) / 1e6
}
