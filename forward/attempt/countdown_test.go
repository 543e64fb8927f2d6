package attempt

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestACountdownStandsStillWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var ran time.Duration
		c := startCountdown(10*time.Second, func() { ran = time.Since(began) })
		for range 3 {
			time.Sleep(2 * time.Second)
			c.pause()
			time.Sleep(time.Minute)
			c.resume()
		}
		time.Sleep(time.Hour)
		if want := 10*time.Second + 3*time.Minute; ran != want {
			t.Errorf("it ran after %s, want %s", ran, want)
		}
		c.pause() // it has run out
		c.resume()
		time.Sleep(time.Hour)
		if time.Since(began) > 3*time.Hour || ran > time.Hour {
			t.Error("it ran again")
		}
		stopped := startCountdown(time.Second, func() { t.Error("it was stopped and ran") })
		stopped.stop()
		time.Sleep(time.Minute)
	})
}
