// Package feedbackapi speaks FeedbackService over gRPC: it turns messages into
// what learn/advice knows and back, and says how its errors are told. It
// decides nothing.
package feedbackapi
