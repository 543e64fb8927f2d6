package attempt

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestACountdownStandsStillWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var ran atomic.Int64
		c := startCountdown(10*time.Second, func() { ran.Store(int64(time.Since(began))) })
		for range 3 {
			time.Sleep(2 * time.Second)
			c.pause()
			time.Sleep(time.Minute)
			c.resume()
		}
		time.Sleep(time.Hour)
		if want := 10*time.Second + 3*time.Minute; time.Duration(ran.Load()) != want {
			t.Errorf("it ran after %s, want %s", time.Duration(ran.Load()), want)
		}
		c.pause() // it has run out
		c.resume()
		time.Sleep(time.Hour)
		if time.Duration(ran.Load()) > time.Hour {
			t.Error("it ran again")
		}
		stopped := startCountdown(time.Second, func() { t.Error("it was stopped and ran") })
		stopped.stop()
		time.Sleep(time.Minute)
	})
}
