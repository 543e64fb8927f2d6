package main

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/canary"
	"github.com/semroute/semroute/learn/models"
	"github.com/semroute/semroute/routes"
)

const (
	// canaryUser is on whose account canary prompts go: budgets may bound it.
	canaryUser = "semroute-canary"
	// canaryTokens bounds an answer to one.
	canaryTokens = 256
)

// askCanary makes one call to one model, which is recorded, paid for and bounded by
// budgets as any other.
func (c *calls) askCanary(ctx context.Context, model, prompt string) (string, error) {
	cold := 0.0
	answer, err := c.askOnce(ctx, model, prompt, &cold)
	if errors.Is(err, forward.ErrUnsupported) || errors.Is(err, forward.ErrRefused) { // some take no temperature
		answer, err = c.askOnce(ctx, model, prompt, nil)
	}
	return answer, err
}

func (c *calls) askOnce(ctx context.Context, model, prompt string, temperature *float64) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	request := forward.Ask(prompt)
	request.MaxTokens, request.Temperature = canaryTokens, temperature
	var answer forward.Collector
	_, err = c.forwarding.Forward(ctx, forward.Call{
		Decision: forward.Decision{ID: id.String(), Stage: models.StageCanary},
		Models:   []string{model}, Request: request, Prompt: prompt, User: canaryUser,
	}, answer.Add)
	return answer.Answer().Text, err
}

// canariesOf are the prompts that the catalog's models are asked again and again.
func canariesOf(catalog *routes.Catalog) map[string]canary.Model {
	out := map[string]canary.Model{}
	for _, m := range catalog.Models {
		if len(m.Canaries) > 0 {
			out[m.Name] = canary.Model{Asked: string(m.Provider) + " " + m.Model + " " + m.BaseURL, Prompts: m.Canaries}
		}
	}
	return out
}
