package server

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// TestEverySentinelHasItsStatus holds the table to what the packages below can
// answer, as their source declares it: a new kind of failure needs a line here,
// and with it a thought about what callers are told.
func TestEverySentinelHasItsStatus(t *testing.T) {
	forwarding := map[string]struct {
		err  error
		code codes.Code
	}{
		"ErrInvalid":       {forward.ErrInvalid, codes.InvalidArgument},
		"ErrConfig":        {forward.ErrConfig, codes.Internal}, // told at start, never to a caller
		"ErrSecret":        {forward.ErrSecret, codes.Internal}, // the same
		"ErrUnknownModel":  {forward.ErrUnknownModel, codes.FailedPrecondition},
		"ErrNoModel":       {forward.ErrNoModel, codes.FailedPrecondition},
		"ErrUnsupported":   {forward.ErrUnsupported, codes.FailedPrecondition},
		"ErrCapability":    {forward.ErrCapability, codes.Internal}, // a reason of ErrNoModel, never alone
		"ErrTooLong":       {forward.ErrTooLong, codes.FailedPrecondition},
		"ErrTier":          {forward.ErrTier, codes.Internal}, // a reason of ErrNoModel, never alone
		"ErrBudget":        {forward.ErrBudget, codes.ResourceExhausted},
		"ErrBudgetUnknown": {forward.ErrBudgetUnknown, codes.Unavailable},
		"ErrUnpriced":      {forward.ErrUnpriced, codes.FailedPrecondition},
		"ErrUpstream":      {forward.ErrUpstream, codes.Unavailable},
		"ErrUnavailable":   {forward.ErrUnavailable, codes.Unavailable},
		"ErrInterrupted":   {forward.ErrInterrupted, codes.Aborted},
		"ErrSlowCaller":    {forward.ErrSlowCaller, codes.DeadlineExceeded},
		"ErrRefused":       {forward.ErrRefused, codes.InvalidArgument},
		"ErrFiltered":      {forward.ErrFiltered, codes.FailedPrecondition},
		"ErrInternal":      {forward.ErrInternal, codes.Internal},
		"ErrSkipped":       {forward.ErrSkipped, codes.Internal}, // part of ErrUnavailable, never alone
	}
	deciding := map[string]struct {
		err  error
		code codes.Code
	}{
		"ErrRule":     {router.ErrRule, codes.Internal}, // told at start, never to a caller
		"ErrNotReady": {router.ErrNotReady, codes.Unavailable},
		"ErrEmbedder": {router.ErrEmbedder, codes.Unavailable},
		"ErrIndex":    {router.ErrIndex, codes.Unavailable},
	}
	for folder, table := range map[string]map[string]struct {
		err  error
		code codes.Code
	}{"../forward": forwarding, "../router": deciding} {
		var known []string
		for name, want := range table {
			known = append(known, name)
			err := toStatus(fmt.Errorf("somewhere: %w", want.err))
			if status.Code(err) != want.code || len(status.Convert(err).Details()) == 0 {
				t.Errorf("%s %s: %v; want %s with its reason", folder, name, err, want.code)
			}
		}
		slices.Sort(known)
		if diff := cmp.Diff(sentinels(t, folder), known); diff != "" {
			t.Errorf("%s (-declared +in the table):\n%s", folder, diff)
		}
	}
	if got := status.Code(toStatus(errors.Join(router.ErrEmbedder, context.Canceled))); got != codes.Canceled {
		t.Errorf("a caller that went away while something was embedded: %s", got)
	}
}

// sentinels are the exported errors of a package.
func sentinels(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				for _, ident := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(ident.Name, "Err") {
						names = append(names, ident.Name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// TestDetailsOfAFailedCallAreBounded, whatever decision and record hold.
func TestDetailsOfAFailedCallAreBounded(t *testing.T) {
	long := strings.Repeat("é", 4<<10)
	attempts := func(n int, text string) []forward.Attempt {
		all := make([]forward.Attempt, n)
		for i := range all {
			all[i] = forward.Attempt{Model: fmt.Sprint("model-", i), Status: forward.Done, Error: text}
		}
		return all
	}
	tests := map[string]struct {
		decision router.Decision
		record   forward.Record
		attempts int // that arrive; -1 when nothing does
	}{
		"small":                  {router.Decision{Route: "a"}, forward.Record{Attempts: attempts(3, "no")}, 3},
		"long utterances":        {router.Decision{Route: "a", Matches: []router.Match{{Utterance: long}}}, forward.Record{Attempts: attempts(3, "no")}, 3},
		"many candidates":        {router.Decision{Route: "a", Candidates: make([]router.Candidate, 3000)}, forward.Record{Attempts: attempts(3, "no")}, 3},
		"long errors":            {router.Decision{Route: "a", Degraded: []router.Degradation{{Cause: router.CauseRule, Text: long}}}, forward.Record{Error: long, Attempts: attempts(3, long)}, 3},
		"many attempts":          {router.Decision{Route: "a"}, forward.Record{Attempts: attempts(500, "no")}, maxDetailItems},
		"a name that is no name": {router.Decision{Route: long, Models: []string{long}}, forward.Record{Model: long}, -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := toStatus(&ingress.CallError{Decision: &test.decision, Record: test.record, Cause: fmt.Errorf("%w: %s", forward.ErrNoModel, long)})
			s := status.Convert(err)
			if size := proto.Size(s.Proto()); size > 5<<10 || len(s.Message()) > maxStatusText || !utf8.ValidString(s.Message()) {
				t.Errorf("%d bytes, %d of message", size, len(s.Message()))
			}
			decisions, got := 0, -1
			for _, detail := range s.Details() {
				switch d := detail.(type) {
				case *semroutev1.Decision:
					decisions++
				case *semroutev1.CallRecord:
					got = len(d.GetAttempts())
				}
			}
			if got != test.attempts || (decisions == 1) != (test.attempts >= 0) {
				t.Errorf("%d decisions, %d attempts arrive, want %d", decisions, got, test.attempts)
			}
		})
	}
}

// TestAServerWithoutDescriptorsSaysSo: it is neither the caller's fault nor a mistake
// in the program, and it passes.
func TestAServerWithoutDescriptorsSaysSo(t *testing.T) {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE} {
		err := fmt.Errorf("reading the catalog: %w", &fs.PathError{Op: "open", Path: "/secret/catalog.yaml", Err: cause})
		got := status.Convert(toStatus(err))
		if got.Code() != codes.Unavailable || !strings.Contains(got.Message(), "file descriptors") || strings.Contains(got.Message(), "secret") {
			t.Errorf("%v is told as %v: %s", err, got.Code(), got.Message())
		}
	}
}

func TestShortened(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		"short":       "short",
		"exactly ten": "exactly…",
		"0123456789":  "0123456789",
		"bad \xff":    "bad \uFFFD",
		"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff": "\uFFFD…",
		"ééééééé":              "ééé…",
		"a\xffb\xffc\xffd\xff": "a\uFFFDb…",
	} {
		if got := shortened(in, 10); got != want || len(got) > 10 {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// An error of a service that this package does not know is told as whoever
// registered the service says.
func TestAFailedErrorIsTold(t *testing.T) {
	inner := errors.New("no such thing")
	failed := &ingress.FailedError{Err: inner, Failure: ingress.Failure{Kind: ingress.NotFound, Reason: "NO_SUCH_THING", Message: "there is no such thing"}}
	if got := status.Convert(toStatus(fmt.Errorf("asked: %w", failed))); got.Code() != codes.NotFound || got.Message() != "there is no such thing" || len(got.Details()) == 0 {
		t.Errorf("told as %v with %d details", got, len(got.Details()))
	}
	if !errors.Is(failed, inner) {
		t.Error("the error itself is lost")
	}
}

// A store that does not answer is told as such, in gRPC and where a room keeps values
// in it, unless the error says more.
func TestAStoreThatDoesNotAnswerIsTold(t *testing.T) {
	down := fmt.Errorf("reading feedback: %w: connection refused at 10.0.0.1", store.ErrUnusable)
	if got := status.Convert(toStatus(down)); got.Code() != codes.Unavailable || strings.Contains(got.Message(), "10.0.0.1") {
		t.Errorf("told as %v", got)
	}
	for _, err := range []error{nil, errors.New("another"), fmt.Errorf("%w: %w", forward.ErrBudgetUnknown, down)} {
		if got := StoreFailed(err); !errors.Is(got, err) || errors.As(got, new(*ingress.FailedError)) {
			t.Errorf("%v became %v", err, got)
		}
	}
}
