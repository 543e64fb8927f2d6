// Package storetest holds what every store promises as one suite of tests.
package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/semroute/semroute/store"
)

// Open opens the store of a name. The same name again, after Close, finds what
// was kept; another name or another test finds nothing.
type Open func(t testing.TB, name string, config store.Config) store.Store

// Run checks a store against the contract.
func Run(t *testing.T, open Open) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Open){
		"prompts are stored as far as allowed":            promptsAreStoredAsFarAsAllowed,
		"export is a labelled prompt":                     exportIsALabelledPrompt,
		"report":                                          report,
		"numbers that cannot be right":                    oddNumbers,
		"sums that do not fit":                            largeSums,
		"nothing is lost on close":                        nothingIsLostOnClose,
		"the queue is bounded by bytes":                   queueIsBoundedByBytes,
		"old records go":                                  oldRecordsGo,
		"accounts count what is spent and held back":      accountsCount,
		"all accounts or none":                            allAccountsOrNone,
		"periods":                                         periods,
		"a clock set back gives nothing back":             aClockSetBackGivesNothingBack,
		"accounts outlive a restart":                      accountsOutliveARestart,
		"accounts bear any amount":                        accountsBearAnyAmount,
		"accounts are not overshot by calls at same time": accountsAreNotOvershot,
		"a record is found by its decision":               aRecordIsFoundByItsDecision,
		"records are listed newest first":                 recordsAreListedNewestFirst,
		"records are listed in pages":                     recordsAreListedInPages,
		"records are summed up over time":                 recordsAreSummedUpOverTime,
		"few lines of a timeline are named":               fewLinesAreNamed,
		"timelines that cannot be":                        timelinesThatCannotBe,
		"attempts go with their records":                  attemptsGoWithTheirRecords,
		"balances are listed":                             balancesAreListed,
		"feedback is kept once":                           feedbackIsKeptOnce,
		"feedback is listed in order":                     feedbackIsListedInOrder,
		"feedback that cannot be stored":                  badFeedback,
		"revisions follow one another":                    revisionsFollowOneAnother,
		"a stale revision changes nothing":                aStaleRevisionChangesNothing,
		"one of several writers adds each revision":       oneWriterAddsEachRevision,
		"old revisions go":                                oldRevisionsGo,
		"revisions are watched":                           revisionsAreWatched,
		"values are put, swapped and deleted":             valuesAreChanged,
		"values expire":                                   valuesExpire,
		"one of several writers swaps each version":       oneWriterSwapsEachVersion,
		"values are listed by key":                        valuesAreListedByKey,
		"keys are kept until revoked":                     keysAreKeptUntilRevoked,
		"a lock has one holder":                           aLockHasOneHolder,
		"waiting for a lock ends with its context":        waitingForALockEnds,
		"replicas are alive while they beat":              replicasAreAliveWhileTheyBeat,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

// Clock is a time that only tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock stands half a minute before the end of a minute, day and month.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 31, 23, 59, 30, 0, time.UTC)} }

// Now is for store.Config.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Record is a call that cost some nano-dollars, with a body.
func Record(at time.Time, route, model, user, prompt string, cost int64) store.Record {
	return store.Record{
		Time: at, Route: route, Model: model, User: user, Prompt: prompt, Forwarded: true,
		InputTokens: 3, OutputTokens: 4, Answer: cost, Wasted: 1, Routing: 2, Dearest: 10 * cost,
		Body: json.RawMessage(`{"decision":{"route":"` + route + `"},"model":"` + model + `"}`),
	}
}

// Sync waits until everything appended is kept.
func Sync(t testing.TB, s store.Ledger) {
	t.Helper()
	if err := s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Lines are the exported records.
func Lines(t testing.TB, r store.Reader, f store.Filter) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	n, err := r.Export(context.Background(), &out, f)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	for s := bufio.NewScanner(&out); s.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
	if len(list) != n {
		t.Errorf("%d lines, but Export says %d", len(list), n)
	}
	return list
}

// reported sums up everything.
func reported(t testing.TB, r store.Reader, since time.Time) store.Report {
	t.Helper()
	got, err := r.Report(context.Background(), since)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
