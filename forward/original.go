package forward

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/semroute/semroute/routes"
)

// Original is a request as its caller wrote it, in the words of one protocol. A
// provider of the same protocol sends it on as it stands, so that nothing is lost
// that this package has no word for; others send what they can express.
type Original struct {
	// Protocol is whose words these are.
	Protocol routes.Provider
	// Fields are those of the request. They are to be read, not changed.
	Fields map[string]json.RawMessage
	// Header are the headers of the request that belong to the protocol; whose they are
	// is as for Fields. Nothing is missed where another provider does not get them.
	Header http.Header
	// Beyond are the paths of what only this protocol can express and what would be
	// missed elsewhere.
	Beyond []string
}

// For gives the fields to a provider of the same protocol, and nil to others: for
// them it is an *UnsupportedError where something would be missed. A nil Original
// has nothing for anybody.
func (o *Original) For(provider routes.Provider) (map[string]json.RawMessage, error) {
	switch {
	case o == nil:
		return nil, nil
	case o.Protocol == provider:
		return o.Fields, nil
	case len(o.Beyond) > 0:
		return nil, &UnsupportedError{Provider: string(provider), Field: o.Beyond[0], Why: "only a model behind " + string(o.Protocol) + "'s protocol takes it"}
	}
	return nil, nil
}

// HeaderFor gives the headers to a provider of the same protocol, and nil to others.
func (o *Original) HeaderFor(provider routes.Provider) http.Header {
	if o == nil || o.Protocol != provider {
		return nil
	}
	return o.Header
}

// Merge is a provider's own request as JSON, with the caller's original fields
// where they say more. Keys in own stay the provider's, whatever the caller wrote.
func Merge(request any, original map[string]json.RawMessage, own ...string) ([]byte, error) {
	body, err := json.Marshal(request)
	if err != nil || original == nil {
		return body, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	merged := maps.Clone(original)
	for _, key := range own {
		delete(merged, key)
	}
	for key, value := range fields {
		if _, given := original[key]; !given || slices.Contains(own, key) {
			merged[key] = value
		}
	}
	return json.Marshal(merged)
}
