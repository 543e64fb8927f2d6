// Package classify decides which route a prompt belongs to and how sure that
// is. It knows vectors and text, and nothing of catalogs, indexes or requests.
//
// A Model is trained from labelled utterances and their unit vectors:
//
//  1. A linear model (softmax, trained by dual coordinate ascent; Yu, Huang and
//     Lin 2011) over the centred vector and hashed word 1–2-grams and character
//     2–5-grams gives one logit a route. See solver.go, features.go.
//  2. The leading routes of the classifier are compared with the nearest
//     utterances of each of them by a conditional logit (McFadden 1974) fitted on
//     held-out logits. It re-orders the leaders and gives a probability each, and
//     leans on the neighbours as far as they proved right. See fusion.go.
//  3. A gate says whether the prompt is known at all, from the highest
//     similarity and the raw logit of the winner. It is fitted on held-out
//     prompts against prompts of routes that were left out of the training, so
//     that no out-of-scope example is needed. See gate.go.
//  4. Both together are calibrated on the held-out prompts (Platt 1999), so that
//     0.9 means right nine times in ten. See calibrate.go.
//
// A query calls Score, then looks for neighbours within the Leading routes
// only, then calls Confidence. Both allocate nothing. Training is deterministic:
// the same examples and Config give the same bytes on the same kind of
// processor, whatever the number of workers.
package classify
