// Command image writes the container image of a binary as a tarball, without a container
// engine: the same binary gives the same image, to the byte. It is what the Dockerfile
// builds, on an empty base, for those who build reproducibly or have no Docker.
//
//	go run . --binary semroute-linux-amd64 --root ../.. --out image.tar
//	docker load -i image.tar
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"sort"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// user is nobody in particular, as in the Dockerfile.
const user = 65532

func main() {
	log.SetFlags(0)
	binary := flag.String("binary", "", "static Linux binary")
	root := flag.String("root", ".", "the repository")
	out := flag.String("out", "image.tar", "where the image goes")
	tag := flag.String("tag", "semroute:devel", "its name")
	arch := flag.String("arch", "amd64", "the binary's architecture")
	certificates := flag.String("certificates", "/etc/ssl/certs/ca-certificates.crt", "authorities that https trusts")
	flag.Parse()
	digest, err := write(*binary, *root, *out, *tag, *arch, *certificates)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digest)
}

func write(binary, root, out, tag, arch, certificates string) (v1.Hash, error) {
	files, err := contents(binary, root, certificates)
	if err != nil {
		return v1.Hash{}, err
	}
	archive, err := pack(files)
	if err != nil {
		return v1.Hash{}, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil })
	if err != nil {
		return v1.Hash{}, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return v1.Hash{}, err
	}
	image, err = mutate.ConfigFile(image, config(image, arch))
	if err != nil {
		return v1.Hash{}, err
	}
	named, err := name.NewTag(tag)
	if err != nil {
		return v1.Hash{}, err
	}
	if err := tarball.WriteToFile(out, named, image); err != nil {
		return v1.Hash{}, err
	}
	return image.Digest()
}

// config is what the Dockerfile says of user, environment and entry point.
func config(image v1.Image, arch string) *v1.ConfigFile {
	base, err := image.ConfigFile()
	if err != nil {
		log.Fatal(err) // of an image that was just made
	}
	made := base.DeepCopy()
	made.Architecture, made.OS, made.Created = arch, "linux", v1.Time{Time: time.Unix(0, 0).UTC()}
	made.Config = v1.Config{
		User:         fmt.Sprintf("%d:%d", user, user),
		Entrypoint:   []string{"/semroute"},
		Cmd:          []string{"serve"},
		ExposedPorts: map[string]struct{}{"50051/tcp": {}},
		Env: []string{
			"SEMROUTE_LISTEN=0.0.0.0:50051", "SEMROUTE_CATALOG=/etc/semroute/catalog",
			"SEMROUTE_CACHE_DIR=/var/cache/semroute", "SEMROUTE_LEDGER=/var/cache/semroute/calls.db",
		},
	}
	return made
}

// file is one entry of the image; a folder has no content.
type file struct {
	content []byte
	mode    int64
	owner   int
}

// contents are the image's files by name.
func contents(binary, root, certificates string) (map[string]file, error) {
	files := map[string]file{"var/cache/semroute/": {mode: 0o755, owner: user}}
	from := map[string]string{
		"semroute": binary, "etc/ssl/certs/ca-certificates.crt": certificates,
		"LICENSE": filepath.Join(root, "LICENSE"), "NOTICE": filepath.Join(root, "NOTICE"),
	}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "support", "*"))
	if err != nil {
		return nil, err
	}
	for _, example := range examples {
		from[path.Join("etc/semroute/catalog", filepath.Base(example))] = example
	}
	for to, name := range from {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files[to] = file{content: content, mode: 0o644}
	}
	program := files["semroute"]
	program.mode = 0o755
	files["semroute"] = program
	return files, nil
}

// pack is the tar of the files with their folders, sorted and without times.
func pack(files map[string]file) ([]byte, error) {
	for name := range files {
		for dir := path.Dir(path.Clean(name)); dir != "."; dir = path.Dir(dir) {
			if _, there := files[dir+"/"]; !there {
				files[dir+"/"] = file{mode: 0o755}
			}
		}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	for _, name := range names {
		f := files[name]
		header := &tar.Header{Name: name, Mode: f.mode, Uid: f.owner, Gid: f.owner, Size: int64(len(f.content)), Typeflag: tar.TypeReg, ModTime: time.Unix(0, 0)}
		if name[len(name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), w.Close()
}
