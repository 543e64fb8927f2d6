// Package measured takes decisions, calls, generations and the store to telemetry:
// it stands around the decider and the forwarder, whatever protocol asks, and
// changes nothing of what they give. Where nothing is measured it is not there.
package measured
