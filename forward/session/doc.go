// Package session keeps conversations with the model that answers them: a change of
// models in the middle costs the prompt cache, and between a tool call and its
// result it breaks what the model has begun.
//
// It promises that a model stays as long as the decision for a new turn is not sure
// enough to be worth a change, that nothing changes between a tool call and its
// result, and that what is known of a conversation is found again after a restart
// and by another replica, until it expires. It leaves to others which models the
// caller may use and which can serve the turn at all: what may not serve is not
// held.
package session
