package session

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/rs/zerolog"
)

// ErrNotKept is what a Store says of a conversation that it does not have.
var ErrNotKept = errors.New("session: not kept")

// Store keeps what outlives the process; it is safe for concurrent use.
type Store interface {
	// Get is what was put under a name, or an ErrNotKept, also once it has expired.
	Get(ctx context.Context, name string) ([]byte, error)
	Put(ctx context.Context, name string, data []byte, expires time.Time) error
}

// Config is what a Keeper works with.
type Config struct {
	// Store may be nil: then conversations are forgotten with the process.
	Store Store
	// Shared: other processes write to the Store, too.
	Shared bool
	// Expiry is how long after its last turn a conversation is known; it must be more
	// than 0.
	Expiry time.Duration
	Log    zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

const (
	// mostKept bounds the conversations in memory.
	mostKept = 1 << 16
	// storeWait bounds how long a turn waits for a store that others write to.
	storeWait = 250 * time.Millisecond
	// trusted is how long what is in memory counts where nothing in a turn shows that
	// another process has answered meanwhile.
	trusted = time.Second
)

// Keeper knows the conversations of late: in memory, and in a store behind it. It is
// safe for concurrent use.
type Keeper struct {
	config Config
	memory *otter.Cache[string, remembered]

	mu      sync.Mutex
	waiting map[string]State // to be written
	wake    chan struct{}
	failing bool // the last write failed
}

type remembered struct {
	State
	at time.Time
}

// New makes a keeper. Run has to run where there is a store that is not shared.
func New(c Config) (*Keeper, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	memory, err := otter.New(&otter.Options[string, remembered]{MaximumSize: mostKept})
	if err != nil {
		return nil, err
	}
	return &Keeper{config: c, memory: memory, waiting: map[string]State{}, wake: make(chan struct{}, 1)}, nil
}

// Known is what is known of a conversation of which so many messages are an
// assistant's; false where nothing is. An error is the store's: the conversation may
// be known there.
func (k *Keeper) Known(ctx context.Context, name string, answers int) (State, bool, error) {
	if name == "" {
		return State{}, false, nil
	}
	if r, ok := k.memory.GetIfPresent(name); ok && k.current(r, answers) {
		return r.State, true, nil
	}
	if k.config.Store == nil {
		return State{}, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	data, err := k.config.Store.Get(ctx, name)
	if errors.Is(err, ErrNotKept) {
		return State{}, false, nil
	}
	var s State
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return State{}, false, err
	}
	k.memory.Set(name, remembered{s, k.config.Now()})
	return s, true, nil
}

// current says whether what is in memory is the newest that there is: a conversation
// that has more answers than are known was answered by another process.
func (k *Keeper) current(r remembered, answers int) bool {
	age := k.config.Now().Sub(r.at)
	switch {
	case age > k.config.Expiry:
		return false
	case !k.config.Shared:
		return true
	case answers > 0:
		return answers <= r.Answers
	}
	return age < trusted
}

// Keep remembers a conversation after an answer. Where others read the store it is
// there when Keep returns, or the error says why not; otherwise Run writes it soon.
func (k *Keeper) Keep(ctx context.Context, name string, s State) error {
	if name == "" {
		return nil
	}
	k.memory.Set(name, remembered{s, k.config.Now()})
	if k.config.Store == nil {
		return nil
	}
	if k.config.Shared {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait) // also of a caller who has gone
		defer cancel()
		return k.write(ctx, name, s)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waiting) < mostKept { // what finds it full lives as long as the process
		k.waiting[name] = s
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run writes what Keep left to it until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	for {
		select {
		case <-k.wake:
			k.flush(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// closeWait bounds how long Close writes.
const closeWait = time.Minute

// Close writes what is left, once Run has returned and no Keep will come.
func (k *Keeper) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	k.flush(ctx)
}

func (k *Keeper) flush(ctx context.Context) {
	k.mu.Lock()
	list := k.waiting
	k.waiting = map[string]State{}
	k.mu.Unlock()
	for name, s := range list {
		err := k.write(ctx, name, s)
		if err != nil && !k.failing {
			k.config.Log.Error().Err(err).Msg("conversations are not kept: after a restart they may change models")
		}
		if k.failing = err != nil; k.failing {
			k.putBack(list)
			return
		}
		delete(list, name)
	}
}

// putBack leaves what could not be written for the next time, where nothing newer
// has come.
func (k *Keeper) putBack(list map[string]State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, s := range list {
		if _, newer := k.waiting[name]; !newer && len(k.waiting) < mostKept {
			k.waiting[name] = s
		}
	}
}

func (k *Keeper) write(ctx context.Context, name string, s State) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return k.config.Store.Put(ctx, name, data, k.config.Now().Add(k.config.Expiry))
}
