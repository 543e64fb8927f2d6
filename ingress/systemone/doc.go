// Package systemone answers the decision protocol POST /v1/systemone, which other
// gateways ask: typed questions about one state, answered by probabilities.
//
// A choice among the catalog's routes, all of them or some, has the router's own
// calibrated probabilities. A choice or a score whose options are told by texts is
// answered by how near the state is to each text, and marked as uncalibrated: no
// utterance stands behind it. A yes-or-no question gets the protocol's own word for
// not knowing, marked as unsupported; options that name no route and say nothing of
// themselves are refused.
//
// It promises that an answer depends on the state and on its own question alone,
// not on the order of options or on the other questions.
package systemone
