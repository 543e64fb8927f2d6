package callers

import (
	"context"
	"fmt"
	"reflect"

	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/auth/token"
)

// tokens gives what is known a verifier of tokens: the one that runs where the
// file says the same of them, so that an issuer is not asked again for nothing.
func (c *Callers) tokens(k *known, wanted *token.Config) error {
	before := c.current.Load()
	if before != nil && reflect.DeepEqual(before.tokens, wanted) {
		k.tokens, k.verifier, k.end = before.tokens, before.verifier, before.end
		return nil
	}
	if wanted != nil {
		config := *wanted
		config.Client, config.Now = c.config.Client, c.config.Now
		config.Failed = func(err error) { c.config.Log.Error().Err(err).Msg("the issuer's keys") }
		ctx, end := context.WithCancel(c.ctx)
		verifier, err := token.New(ctx, config)
		if err != nil {
			end()
			return fmt.Errorf("%w: %s: tokens: %w", authfile.ErrFile, c.config.File, err)
		}
		k.tokens, k.verifier, k.end = wanted, verifier, end
	}
	if before != nil && before.end != nil {
		before.end()
	}
	return nil
}
