package web

import (
	"encoding/base64"
	"strings"

	"github.com/semroute/semroute/chat"
)

// ReadImage reads an address, which may hold the picture itself.
func ReadImage(url, path string) (*chat.Image, error) {
	head, data, isData := strings.Cut(url, ",")
	mediaType, inBase64 := strings.CutSuffix(strings.TrimPrefix(head, "data:"), ";base64")
	switch {
	case url == "":
		return nil, Bad(path, "is missing")
	case !strings.HasPrefix(url, "data:"):
		return &chat.Image{URL: url}, nil
	case !isData || !inBase64 || mediaType == "":
		return nil, Bad(path, "a data URL is data:MEDIA/TYPE;base64,…")
	}
	bytes, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(bytes) == 0 {
		return nil, Bad(path, "is no base64")
	}
	return &chat.Image{MediaType: mediaType, Data: bytes}, nil
}
