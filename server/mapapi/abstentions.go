package mapapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/semroute/semroute/eval/projection"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/store"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	keepsNone = "this server keeps no decisions; start it with --ledger FILE, or --store, and --store-prompts"
	keptNone  = "no prompt without a route was kept with its text; --store-prompts says what is stored"
)

// abstentions are the newest prompts without a route, placed on the drawing; notice
// says why there are none. Those that cannot be embedded are left out.
func (s *Service) abstentions(ctx context.Context, d *drawing, method semroutev1.MapMethod, n int) (list []*semroutev1.MapAbstention, notice string, err error) {
	if s.records == nil {
		return nil, keepsNone, nil
	}
	if n == 0 {
		return nil, "", nil
	}
	if err := s.records.Sync(ctx); err != nil {
		return nil, "", err
	}
	records, err := s.records.Records(ctx, store.RecordFilter{Abstained: true, WithText: true, Limit: n})
	if err != nil {
		return nil, "", fmt.Errorf("reading the newest decisions: %w", err)
	}
	if len(records) == 0 {
		return nil, keptNone, nil
	}
	before, now := d.lastPlaced(), map[string]placed{}
	for i := range records {
		r := &records[i]
		at, known := before[r.Decision]
		if !known {
			if at, known = s.placeOne(ctx, d, r.Prompt); !known {
				if ctx.Err() != nil {
					return nil, "", ctx.Err()
				}
				continue
			}
		}
		now[r.Decision] = at
		list = append(list, &semroutev1.MapAbstention{
			DecisionId: r.Decision, Time: timestamppb.New(r.Time), Text: shortened(r.Prompt, maxText),
			Reason: strings.ToValidUTF8(r.Reason, "\ufffd"), X: at[methodOf(method)].X, Y: at[methodOf(method)].Y,
		})
	}
	d.keepPlaced(now)
	return list, "", nil
}

// placeOne says where a prompt lies by both methods.
func (s *Service) placeOne(ctx context.Context, d *drawing, prompt string) (at placed, ok bool) {
	vectors, err := s.embed(ctx, d, []string{prompt})
	if err != nil || len(vectors) == 0 || vectors[0] == nil {
		return at, false
	}
	nearest, err := d.picture.Nearest(vectors[0], usualNearest)
	if err != nil {
		return at, false
	}
	for _, method := range []projection.Method{projection.PCA, projection.Neighbours} {
		at[method] = d.picture.Place(method, vectors[0], nearest)
	}
	return at, true
}

func (d *drawing) lastPlaced() map[string]placed {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.placed
}

// keepPlaced replaces what was placed, which nobody changes any more.
func (d *drawing) keepPlaced(now map[string]placed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.placed = now
}
