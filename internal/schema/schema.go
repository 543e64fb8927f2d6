// Package schema checks texts against JSON schemas that stand in a catalog. It
// promises that a schema reads no file and no address, and that checking ends
// with its context, whatever the text holds. What becomes of a text that fails
// is left to the caller.
package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/semroute/semroute/internal/expression"
)

// Schema is a schema that compiles. It is safe for concurrent use.
type Schema struct {
	document  any
	abandoned atomic.Int32 // checks that go on although their context has ended
}

// maxAbandoned is how many checks of one schema may go on without anybody
// waiting for them. The library cannot be interrupted but in patterns, and
// choices within choices can make its work grow with a power of the depth.
const maxAbandoned = 2

var errBusy = errors.New("earlier checks against this schema still go on")

// name stands for a schema within the compiler, which needs one.
const name = "urn:catalog:schema"

// Compile checks a schema, as JSON. The error says in one line what is wrong.
func Compile(text string) (*Schema, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	s := &Schema{document: document}
	if _, err := s.compile(context.Background()); err != nil {
		return nil, firstCause(err)
	}
	return s, nil
}

// compile makes the schema anew for every check, so that its patterns know the
// context: against what a model takes for the text that is nothing.
func (s *Schema) compile(ctx context.Context) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		compiled, err := expression.CompilePattern(text)
		return pattern{ctx, text, compiled}, err
	})
	if err := compiler.AddResource(name, s.document); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
}

// Check says why a text is not one JSON value of the schema's shape. It fails
// with the context's error when that ends first.
func (s *Schema) Check(ctx context.Context, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	compiled, err := s.compile(ctx)
	if err != nil {
		return err
	}
	if s.abandoned.Load() >= maxAbandoned {
		return errBusy
	}
	done := make(chan error)
	go func() {
		err := compiled.Validate(value)
		select {
		case done <- err:
		case <-ctx.Done():
			s.abandoned.Add(-1)
		}
	}()
	select {
	case err := <-done:
		if ctx.Err() != nil { // a pattern that was interrupted matches nothing
			return ctx.Err()
		}
		return err
	case <-ctx.Done():
		s.abandoned.Add(1)
		return ctx.Err()
	}
}

// pattern is a regular expression that ends with a context; it implements
// jsonschema.Regexp.
type pattern struct {
	ctx      context.Context
	text     string
	compiled *expression.Pattern
}

func (p pattern) String() string { return p.text }

func (p pattern) MatchString(text string) bool {
	matched, _ := p.compiled.Match(text, func() bool { return p.ctx.Err() != nil })
	return matched
}

// noLoader keeps a schema from reading other files or addresses.
type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("a schema must not refer to other files")
}

// firstCause is the innermost reason why a schema is none.
func firstCause(err error) error {
	invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err)
	if !ok {
		return err
	}
	violation, ok := errors.AsType[*jsonschema.ValidationError](invalid.Err)
	if !ok {
		return err
	}
	for len(violation.Causes) > 0 {
		violation = violation.Causes[0]
	}
	return errors.New(violation.Error())
}
