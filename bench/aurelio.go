package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
)

// aurelio compares one decision of aurelio's semantic-router with one of ours:
// in process, on the same vectors of utterances and prompts, embedding left
// out in both.
func aurelio(ctx context.Context, e *env) (rows []Row, err error) {
	if len(e.Aurelio) == 0 {
		return nil, errSkip("it is not installed; bench/peers/run.sh installs and runs it")
	}
	big, err := e.large()
	if err != nil {
		return nil, err
	}
	prompts := big.prompts[:min(len(big.prompts), 1000)]
	given, err := embedBefore(ctx, prompts)
	if err != nil {
		return nil, err
	}
	built, err := engine.BuildWith(ctx, big.catalog, e.staticMemory(), given)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	r := router.New(router.Config{})
	r.Swap(built.Generation)

	dir := filepath.Join(e.dir, "vectors")
	if err := export(ctx, dir, built, prompts, given.vectors); err != nil {
		return nil, err
	}
	p, err := e.startPeer(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	decide := inTurn(prompts, func(ctx context.Context, text string) error {
		_, err := r.Decide(ctx, router.Prompt{Text: text}, router.Limits{})
		return err
	})
	v, err := alternate(ctx, pick(e.Quick, 1, 5),
		medianArm(pick(e.Quick, 500, 5000), decide),
		func(context.Context) (float64, error) { return p.ask(pick(e.Quick, 30, 150)) },
	)
	if err != nil {
		return nil, err
	}
	note := p.version + ", local index"
	return []Row{
		plain("decision, embedding left out, p50, "+big.label(), over(v[0]), "µs").noted("in process"),
		plain("aurelio's decision, the same, p50", over(v[1]), "µs").noted("%s", note),
		atLeast("aurelio's decision ÷ ours, p50", divided(v[1], v[0]), "ratio", 300).noted("%s", note),
	}, nil
}

// given is the static embedder with the vectors of known prompts made before.
type given struct {
	*static.Embedder
	vectors [][]float32
	at      map[string]int
}

var _ router.SingleEmbedder = (*given)(nil)

func embedBefore(ctx context.Context, prompts []string) (*given, error) {
	embedder, err := static.New(static.Config{})
	if err != nil {
		return nil, err
	}
	batch, err := embedder.EmbedQueries(ctx, prompts)
	if err != nil {
		return nil, err
	}
	g := &given{Embedder: embedder, vectors: batch.Vectors, at: make(map[string]int, len(prompts))}
	for i, p := range prompts {
		g.at[p] = i
	}
	return g, nil
}

// EmbedQuery implements router.SingleEmbedder.
func (g *given) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	if i, ok := g.at[text]; ok {
		return embed.Embedded{Vector: g.vectors[i]}, nil
	}
	return g.Embedder.EmbedQuery(ctx, text, room)
}

// export writes what the peer decides on: entries.json, and the vectors as
// little-endian float32, one after another.
func export(ctx context.Context, dir string, built *engine.Assembly, prompts []string, vectors [][]float32) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var about struct {
		Dimension  int      `json:"dimension"`
		Routes     []string `json:"routes"`
		Utterances []string `json:"utterances"`
		Prompts    []string `json:"prompts"`
	}
	about.Dimension, about.Prompts = built.Embedder.Dimension(), prompts
	var rows [][]float32
	entries, err := built.Entries(ctx)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		about.Routes = append(about.Routes, entry.Route)
		about.Utterances = append(about.Utterances, entry.Utterance)
		rows = append(rows, entry.Vector)
	}
	raw, err := json.Marshal(about)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "entries.json"), raw, 0o600),
		os.WriteFile(filepath.Join(dir, "entries.f32"), littleEndian(rows), 0o600),
		os.WriteFile(filepath.Join(dir, "prompts.f32"), littleEndian(vectors), 0o600),
	)
}

func littleEndian(rows [][]float32) []byte {
	var out []byte
	for _, row := range rows {
		for _, v := range row {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out
}

// peer is a process that decides so many prompts for every line that it
// reads, and answers with a line of JSON.
type peer struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	version string
}

// peerAnswer is a line of the peer.
type peerAnswer struct {
	Version string  `json:"version"`
	P50US   float64 `json:"p50_us"`
}

// startPeer starts the command on the folder and waits for its first line.
func (e *env) startPeer(ctx context.Context, dir string) (*peer, error) {
	command := append(append([]string{}, e.Aurelio...), dir)
	p := &peer{process: exec.CommandContext(ctx, command[0], command[1:]...)} //nolint:gosec // the command that the user names
	p.process.Stderr = e.Progress
	in, err := p.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("starting the peer: %w", err)
	}
	first, err := p.read()
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.version = first.Version
	return p, nil
}

// ask lets the peer decide n prompts and returns its median in microseconds.
func (p *peer) ask(n int) (float64, error) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		return 0, fmt.Errorf("asking the peer: %w", err)
	}
	answer, err := p.read()
	return answer.P50US, err
}

func (p *peer) read() (answer peerAnswer, err error) {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return answer, fmt.Errorf("the peer's answer: %w", err)
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return answer, fmt.Errorf("the peer's answer: %w", err)
	}
	return answer, nil
}

// close ends the peer, which ends when its input does.
func (p *peer) close() error {
	if err := p.in.Close(); err != nil {
		return err
	}
	return p.process.Wait()
}
