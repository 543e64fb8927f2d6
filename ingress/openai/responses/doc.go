// Package responses answers OpenAI's newer protocol, POST /v1/responses: text,
// pictures, tools, reasoning and the events of a stream in their order, which ends
// with its last event and not with [DONE]. What was said before can be named by
// previous_response_id where responses are kept.
//
// Models are asked in the words of chat completions, so what only this protocol
// knows, such as tools that OpenAI runs itself, is an error that names the field.
// It promises what package openai does otherwise.
package responses
