// Package strictyaml reads YAML that people write, so that every problem has its
// place and is found in one go. It promises that a hostile file (too large,
// nested too deeply, aliases that multiply) is refused before it costs much, and
// that reading never panics. It knows nothing of what the values mean; writing
// is left to the YAML library.
package strictyaml
