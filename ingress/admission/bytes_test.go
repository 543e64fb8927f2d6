package admission_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/semroute/semroute/ingress/admission"
)

func TestRequestsHaveRoomUpToABound(t *testing.T) {
	b := admission.NewBytes(100)
	first, err := b.Reserve(60)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reserve(41); !errors.Is(err, admission.ErrOverloaded) {
		t.Errorf("beyond the bound the error is %v", err)
	}
	second, err := b.Reserve(40)
	if err != nil {
		t.Errorf("up to the bound: %v", err)
	}
	first()
	second()
	alone, err := b.Reserve(1000)
	if err != nil {
		t.Errorf("one that is larger than the bound and alone: %v", err)
	}
	if _, err := b.Reserve(1); err == nil {
		t.Error("another one beside it has room")
	}
	alone()
	var none *admission.Bytes
	if _, err := none.Reserve(1 << 40); err != nil {
		t.Errorf("without a bound: %v", err)
	}
	if b.Used() != 0 {
		t.Errorf("%d bytes are never given back", b.Used())
	}
}

func TestManyAtOnceNeverGoBeyond(t *testing.T) {
	b := admission.NewBytes(1000)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 200 {
				if release, err := b.Reserve(90); err == nil {
					if used := b.Used(); used > 1000+50*90 { // those who are just refused count for a moment
						t.Errorf("%d bytes", used)
					}
					release()
				}
			}
		})
	}
	all.Wait()
	if b.Used() != 0 {
		t.Errorf("%d bytes are never given back", b.Used())
	}
}
