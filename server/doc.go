// Package server is the gRPC face of the router: it converts requests and
// decisions, validates, maps errors to statuses in one place, logs one line a
// call, reports health and drains. It decides nothing itself, and the text of
// a prompt never leaves it except by the answer.
package server
