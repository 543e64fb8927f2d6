package wire

import (
	"net/http"
	"strings"

	"github.com/semroute/semroute/forward"
)

// words is all that sorts the failure, in lower case.
func (f *failure) words() string { return f.code + " " + strings.ToLower(f.param+" "+f.message) }

// class sorts a failure. What the words say goes before the status, because
// servers disagree about statuses: a prompt that is too long is a 400, a 413, a
// 422, a 500, or an error in mid-answer.
func (f *failure) class(status int) forward.Class {
	text := f.words()
	refuses := status < 500 && status != http.StatusTooManyRequests && status != http.StatusUnauthorized
	switch {
	case refuses && status >= 400 && busyWords.MatchString(f.code): // a limit that passes, whatever the status says
		return forward.RateLimited
	case strings.Contains(text, "context_length_exceeded"), strings.Contains(text, "exceed_context_size"),
		status == http.StatusRequestEntityTooLarge, tooLongWords.MatchString(text) && status != http.StatusTooManyRequests:
		return forward.ContextLength
	case status == http.StatusPaymentRequired, creditWords.MatchString(text) && (strings.Contains(f.code, "insufficient_quota") || !passesWords.MatchString(text)):
		return forward.OutOfCredit
	case refuses && failedWords.MatchString(text):
		return forward.Garbage
	case refuses && filterWords.MatchString(text):
		return forward.ContentFilter
	case refuses && keyWords.MatchString(text):
		return forward.Auth
	case refuses && missingWords.MatchString(text):
		return forward.NotFound
	case (refuses && status != http.StatusForbidden || status == http.StatusNotImplemented) && unsupportedWords.MatchString(text),
		status == http.StatusInternalServerError && inputWords.MatchString(text), refuses && muchWords.MatchString(text):
		return forward.UnsupportedInput
	case status != 0:
		return ClassOf(status)
	}
	return f.classOfWords(text)
}

// classOfWords sorts a failure that came in mid-answer without a status.
func (f *failure) classOfWords(text string) forward.Class {
	switch {
	case busyWords.MatchString(text):
		return forward.RateLimited
	case slowWords.MatchString(f.code):
		return forward.Timeout
	case strings.Contains(f.code, "not_found"):
		return forward.NotFound
	case wrongWords.MatchString(f.code):
		return forward.BadRequest
	}
	return forward.ServerError
}

// ClassOf sorts an HTTP status.
func ClassOf(status int) forward.Class {
	switch {
	case status == http.StatusTooManyRequests:
		return forward.RateLimited
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		return forward.Auth
	case status == http.StatusPaymentRequired:
		return forward.OutOfCredit
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusGone:
		return forward.NotFound
	case status == http.StatusUnsupportedMediaType:
		return forward.UnsupportedInput
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return forward.Timeout
	case status == http.StatusRequestEntityTooLarge:
		return forward.ContextLength
	case status >= 500, notOfTheRequest[status]:
		return forward.ServerError
	case status >= 400:
		return forward.BadRequest
	}
	return forward.Garbage
}

// notOfTheRequest are the statuses below 500 that tell of trouble at the server.
var notOfTheRequest = map[int]bool{
	http.StatusConflict: true, http.StatusMisdirectedRequest: true, http.StatusLocked: true, http.StatusFailedDependency: true, http.StatusTooEarly: true,
	498: true, // no capacity
	499: true, // the gateway's own caller gave up
}
