package wire

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// isFailure says whether a message of an answer is an error, in any shape.
func isFailure(event string, v gjson.Result) bool {
	if event == "error" || holds(v.Get("error")) || v.Get("object").Str == "error" || v.Get("type").Str == "error" ||
		holds(v.Get("base_resp.status_code")) {
		return true
	}
	if v.Get("choices").Exists() || v.Get("content").Exists() {
		return false
	}
	if holds(v.Get("detail")) || holds(v.Get("errors")) || v.Get("status").Str == "error" {
		return true
	}
	if first(v, messageKeys...).Type != gjson.String {
		return false
	}
	return v.Get("success").Type == gjson.False || strings.Contains(strings.ToLower(v.Get("type").Str), "error") || failureCode(v)
}

// messageKeys are where the words of an error stand.
var messageKeys = []string{"error", "message", "msg", "detail", "details", "error_message", "error_msg", "errorMessage", "err_msg", "status_msg", "Message", "title", "description"}

// failureCode says whether there is a code that is none of success.
func failureCode(v gjson.Result) bool {
	if n, ok := statusOf(v); ok && n >= 400 {
		return true
	}
	code := first(v, "code", "error_code", "errorCode", "err_code", "status_code", "__type")
	switch strings.ToLower(code.String()) {
	case "", "0", "200", "ok", "success", "succeeded":
		return false
	}
	return code.Type == gjson.String || code.Type == gjson.Number
}

// holds says whether there is something in it.
func holds(v gjson.Result) bool {
	switch v.Type {
	case gjson.Null, gjson.False:
		return false
	case gjson.String:
		return v.Str != ""
	case gjson.Number:
		return v.Num != 0
	case gjson.JSON:
		some := false
		v.ForEach(func(_, _ gjson.Result) bool { some = true; return false })
		return some
	}
	return true
}

// said is a text, or the text in a list or an object.
func said(v gjson.Result) string {
	switch {
	case v.Type == gjson.String:
		return v.Str
	case v.IsArray():
		var all []string
		for _, one := range v.Array() {
			if text := said(one); text != "" {
				if loc := one.Get("loc"); loc.Exists() {
					text += " " + loc.Raw
				}
				all = append(all, text)
			}
		}
		return strings.Join(all, "; ")
	case v.IsObject():
		return said(first(v, "message", "msg", "error", "text"))
	}
	return ""
}

// first is the first of the paths that holds something.
func first(v gjson.Result, paths ...string) gjson.Result {
	for _, path := range paths {
		if got := v.Get(path); holds(got) {
			return got
		}
	}
	return gjson.Result{}
}

// statusOf finds the status of HTTP in a body.
func statusOf(v gjson.Result) (int, bool) {
	for _, key := range []string{"status_code", "status", "code", "error_code"} {
		n, err := strconv.Atoi(v.Get(key).String())
		if err == nil && n >= 400 && n < 600 {
			return n, true
		}
	}
	return 0, false
}
