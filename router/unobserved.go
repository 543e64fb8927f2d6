package router

import "context"

type unobservedKey struct{}

// Unobserved is a context whose decisions are only tried: they are made as ever, and
// whoever learns from decisions leaves them out.
func Unobserved(ctx context.Context) context.Context {
	return context.WithValue(ctx, unobservedKey{}, true)
}

// IsUnobserved says whether the decisions of a context are only tried.
func IsUnobserved(ctx context.Context) bool { return ctx.Value(unobservedKey{}) != nil }
