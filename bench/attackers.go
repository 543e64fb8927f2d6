package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/semroute/semroute/bench/hostile"
)

// attackersCommand is this program as hostile peers, in a process of their own that
// takes only what processor time the others leave: attackers elsewhere would take none
// of this machine's, and what is asked is what they cost the server. It is a peer that
// ends with its input, and then says how many connections were ended.
func attackersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "attackers ATTACK ADDRESS CONNECTIONS", Hidden: true, Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			attack, known := hostile.Attacks()[args[0]]
			connections, err := strconv.Atoi(args[2])
			if !known || err != nil {
				return fmt.Errorf("%w: attackers %v", errWrongUse, args)
			}
			return runAttackers(cmd.Context(), args[1], connections, attack, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func runAttackers(ctx context.Context, address string, connections int, attack hostile.Attack, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, in)
	}()
	said := json.NewEncoder(out)
	if err := said.Encode(peerAnswer{Version: "attackers"}); err != nil {
		return err
	}
	return said.Encode(peerAnswer{Ended: hostile.Many(ctx, address, connections, attack)})
}

// attackers begins an attack; end ends it and says how many connections the server
// has ended.
func (e *env) attackers(ctx context.Context, attack, address string, connections int) (end func() (int, error), err error) {
	p, err := e.startSelf(ctx, "nice -n 19", "attackers", attack, address, strconv.Itoa(connections))
	if err != nil {
		return nil, err
	}
	return func() (int, error) {
		err := p.in.Close()
		last, answered := p.read()
		return last.Ended, errors.Join(err, answered, p.process.Wait())
	}, nil
}
