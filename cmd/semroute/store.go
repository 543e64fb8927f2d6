package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/spf13/cobra"
)

// sqliteScheme begins the name of a file.
const sqliteScheme = "sqlite:"

// storeFlags say where what outlives the process is kept.
type storeFlags struct {
	store  string
	ledger string
}

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.store, "store", "", "what keeps decisions, calls, costs, budgets, feedback and revisions: sqlite:FILE, or postgres://USER@HOST/DATABASE for several replicas (default: nothing is kept)")
	cmd.Flags().StringVar(&f.ledger, "ledger", "", "the same as --store sqlite:FILE")
}

// address is where the store is; "" where none is named.
func (f *storeFlags) address() (string, error) {
	switch {
	case f.ledger == "":
	case f.store == "":
		return sqliteScheme + f.ledger, nil
	case f.store != sqliteScheme+f.ledger:
		return "", wrongUse("--ledger FILE is short for --store sqlite:FILE: give one of them, not --ledger %s beside --store", f.ledger)
	}
	if f.store == "" || isPostgres(f.store) || len(f.store) > len(sqliteScheme) && strings.HasPrefix(f.store, sqliteScheme) {
		return f.store, nil
	}
	return "", wrongUse("--store must be sqlite:FILE or postgres://USER@HOST:5432/DATABASE")
}

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// open opens the store to write it; nil where none is named.
func (f *storeFlags) open(ctx context.Context, config store.Config) (store.Store, error) {
	address, err := f.address()
	if err != nil || address == "" {
		return nil, err
	}
	var opened store.Store
	if isPostgres(address) {
		opened, err = postgres.Open(ctx, address, config)
	} else {
		opened, err = sqlite.Open(ctx, strings.TrimPrefix(address, sqliteScheme), config)
	}
	if err != nil {
		return nil, f.failure(err)
	}
	return opened, nil
}

// failure says which flag named what could not be opened.
func (f *storeFlags) failure(err error) error {
	name := "--store"
	if f.store == "" {
		name = "--ledger"
	}
	if errors.Is(err, store.ErrConfig) {
		return wrongUse("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// reader is a store that is only looked at.
type reader interface {
	store.Reader
	store.Records
	io.Closer
}

// openReader opens the store to look at it, also while others write it.
func (f *storeFlags) openReader(ctx context.Context) (reader, error) {
	address, err := f.address()
	if err != nil {
		return nil, err
	}
	if address == "" {
		return nil, wrongUse("no store is named: give --ledger PATH, or --store postgres://USER@HOST/DATABASE")
	}
	var opened reader
	if isPostgres(address) {
		opened, err = postgres.OpenReader(ctx, address)
	} else {
		opened, err = sqlite.OpenReader(ctx, strings.TrimPrefix(address, sqliteScheme))
	}
	if err != nil {
		return nil, f.failure(err)
	}
	return opened, nil
}
