package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// built is the page as `make console` makes it.
//
//go:embed assets
var built embed.FS

// policy lets a page load what comes from here, and nothing else: no inline code, no
// other host, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// The patterns of the page, which anyone may have: it shows nothing by itself.
const (
	Entrance = "GET /console"
	Files    = "GET /console/{file...}"
)

// asset is a file of the page.
type asset struct {
	body  string
	media string
	etag  string
}

// Pages answers the page, by patterns of http.ServeMux. login nil has nobody sign in but
// by what they paste.
func Pages(login *Login) (map[string]http.HandlerFunc, error) {
	assets, err := load()
	if err != nil {
		return nil, err
	}
	pages := map[string]http.HandlerFunc{
		Entrance: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/console/", http.StatusMovedPermanently)
		},
		Files: func(w http.ResponseWriter, r *http.Request) {
			name := r.PathValue("file")
			if name == "" {
				name = "index.html"
			}
			file, ok := assets[name]
			if !ok {
				http.NotFound(w, r)
				return
			}
			file.serve(w, r)
		},
	}
	if login != nil {
		pages[loginStart], pages[loginDone] = login.start, login.done
	}
	return pages, nil
}

// load reads the files once, so that none is read, or its sum made, a request.
func load() (map[string]asset, error) {
	assets := map[string]asset{}
	entries, err := fs.ReadDir(built, "assets")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		body, err := fs.ReadFile(built, path.Join("assets", entry.Name()))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		assets[entry.Name()] = asset{
			body: string(body), media: mime.TypeByExtension(path.Ext(entry.Name())), etag: `"` + hex.EncodeToString(sum[:12]) + `"`,
		}
	}
	if _, ok := assets["index.html"]; !ok {
		return nil, fmt.Errorf("the console was not built into this binary: run `make console`")
	}
	return assets, nil
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.media)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("ETag", a.etag)
	h.Set("Cache-Control", "no-cache") // ask whether it is the same; another version of the binary has another
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(a.body)) // whoever has gone needs no page
}
