package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// peer is a process that does the work of every line that it reads, and answers
// with a line of JSON.
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
	// Vector is what the work was, where that is a vector.
	Vector []float32 `json:"vector"`
	// Ended is how many connections a server has ended.
	Ended int `json:"ended"`
}

// startPeer starts a command, its words separated by blanks, with more arguments
// and waits for its first line.
func (e *env) startPeer(ctx context.Context, words string, arguments ...string) (*peer, error) {
	command := append(strings.Fields(words), arguments...)
	p := &peer{process: exec.CommandContext(ctx, command[0], command[1:]...)} //nolint:gosec // the command that the user names
	p.process.Stderr = e.progress
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

// startSelf starts this program as a peer, by words that stand before it.
func (e *env) startSelf(ctx context.Context, words string, arguments ...string) (*peer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return e.startPeer(ctx, words, append([]string{self}, arguments...)...)
}

// ask lets the peer do the work of a line.
func (p *peer) ask(line string) (peerAnswer, error) {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return peerAnswer{}, fmt.Errorf("asking the peer: %w", err)
	}
	return p.read()
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
