package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/semroute/semroute/store/storetest"
)

// versionOne makes a file as the first version of this package did.
func versionOne(t *testing.T, path string) {
	t.Helper()
	s := open(t, path, store.Config{Prompts: store.FullPrompts})
	s.Append(one("kept"))
	hold, err := s.Reserve(context.Background(), []store.Ask{{Account: store.Account{Budget: "b", Scope: "user", Name: "jo", Period: store.Month}, Limit: 9, Amount: 3}})
	if err != nil {
		t.Fatal(err)
	}
	hold.Settle([]int64{3})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := handle(t, path)
	run(t, db, "DROP INDEX calls_timeline")
	for _, column := range []string{"reason", "decide_us", "latency_us"} {
		run(t, db, "ALTER TABLE calls DROP COLUMN "+column)
	}
	run(t, db, "ALTER TABLE calls DROP COLUMN implausible")
	run(t, db, "DROP INDEX calls_decision")
	run(t, db, "ALTER TABLE calls DROP COLUMN decision")
	for _, table := range []string{"attempts", "feedback", "revisions", "small_values", "value_version", "api_keys"} {
		run(t, db, "DROP TABLE "+table)
	}
	run(t, db, "PRAGMA user_version = 1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFileOfTheFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	versionOne(t, path)
	r, err := sqlite.OpenReader(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Report(context.Background(), time.Unix(0, 0))
	if err != nil || report.Total.Calls != 1 {
		t.Errorf("read: %+v, %v", report.Total, err)
	}
	if _, err := r.Records(context.Background(), store.RecordFilter{}); !errors.Is(err, store.ErrUnusable) {
		t.Errorf("records of a file that knows no decisions: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, store.Config{})
	flagged := one("")
	flagged.Implausible = true
	s.Append(flagged)
	storetest.Sync(t, s)
	if report, err = s.Report(context.Background(), time.Unix(0, 0)); err != nil || report.Total.Calls != 2 || report.Total.Implausible != 1 {
		t.Errorf("written: %+v, %v", report.Total, err)
	}
}

func TestAFileOfANewerProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	if err := open(t, path, store.Config{}).Close(); err != nil {
		t.Fatal(err)
	}
	db := handle(t, path)
	run(t, db, "PRAGMA user_version = 99")
	_ = db.Close()
	if _, err := sqlite.Open(context.Background(), path, store.Config{}); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("writing: %v", err)
	}
	if _, err := sqlite.OpenReader(context.Background(), path); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("reading: %v", err)
	}
}

// TestDamagedRows: what former versions or other hands wrote keeps nobody from
// the rest.
func TestDamagedRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	var log bytes.Buffer
	config := store.Config{Prompts: store.FullPrompts, Log: zerolog.New(&log)}
	s := open(t, path, config)
	const n = 8
	for range n {
		s.Append(one("text"))
	}
	hold, err := s.Reserve(context.Background(), []store.Ask{{Account: store.Account{Budget: "b", Scope: "user", Name: "jo", Period: store.Month}, Limit: 9, Amount: 3}})
	if err != nil {
		t.Fatal(err)
	}
	hold.Settle([]int64{3})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := handle(t, path)
	for id, change := range []string{
		"answer = 'abc'", "input_tokens = 1e300", "output_tokens = x'00ff'", "wasted = -9223372036854775808",
		"routing = 9223372036854775807", "record = 'no json'", "user = 7, forwarded = 'x'",
	} {
		run(t, db, "UPDATE calls SET "+change+" WHERE id = ?", id+1)
	}
	run(t, db, "UPDATE spent SET amount = -5")
	_ = db.Close()

	s = open(t, path, config)
	report, err := s.Report(context.Background(), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if report.Total.Decisions != n || report.Total.LeftOut != 5 || report.Total.Answer != n-5 || len(report.Odd) != 5 || report.Total.Answer == math.MaxInt64 {
		t.Errorf("report is %+v", report)
	}
	lines := storetest.Lines(t, s, store.Filter{})
	if len(lines) != n || lines[5]["record"] != nil || lines[5]["text"] != "text" || lines[7]["record"] == nil {
		t.Errorf("%d lines, %v", len(lines), lines)
	}
	if list, err := s.Records(context.Background(), store.RecordFilter{}); err != nil || len(list) != n {
		t.Errorf("%d records, %v", len(list), err)
	}
	if !strings.Contains(log.String(), "negative amount") || !strings.Contains(log.String(), `"user":"jo"`) {
		t.Errorf("the negative balance is not named: %s", log.String())
	}
}
