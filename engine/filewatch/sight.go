package filewatch

import (
	"os"
	"path/filepath"
	"strings"
)

// maxLinks bounds the links on the way to a file; there may be circles of them.
const maxLinks = 40

// sight is where changes of some files would show.
type sight struct {
	folders map[string]bool // by their own paths, free of links
	names   map[string]bool // of files, folders and links in them
}

// lookAt finds the folders for absolute paths: those of every file, and of every
// link on the way to it.
func lookAt(paths []string) sight {
	s := sight{folders: map[string]bool{}, names: map[string]bool{}}
	for _, p := range paths {
		s.follow(filepath.Clean(p), maxLinks)
	}
	return s
}

// follow walks down to a file. Where the way ends, the file may yet come.
func (s *sight) follow(path string, links int) {
	at := filepath.VolumeName(path) + string(filepath.Separator)
	parts := strings.Split(strings.TrimPrefix(path, at), string(filepath.Separator))
	for i, part := range parts {
		next := filepath.Join(at, part)
		about, err := os.Lstat(next)
		if err != nil {
			s.see(at, next)
			return
		}
		if about.Mode()&os.ModeSymlink != 0 {
			s.see(at, next)
			target, err := os.Readlink(next)
			if err != nil || links == 0 {
				return
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(at, target)
			}
			s.follow(filepath.Join(append([]string{target}, parts[i+1:]...)...), links-1)
			return
		}
		if i == len(parts)-1 {
			s.see(at, next)
			if about.IsDir() {
				s.folders[next] = true
			}
			return
		}
		at = next
	}
}

func (s *sight) see(folder, name string) { s.folders[folder], s.names[name] = true, true }
