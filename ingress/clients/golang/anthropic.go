package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

// officialAnthropic is Anthropic's own client: messages, tools, thoughts, counting,
// models, errors.
func officialAnthropic(base string) []check {
	client := anthropic.NewClient(option.WithBaseURL(base), option.WithAPIKey("none"), option.WithMaxRetries(0))
	params := func(text string) anthropic.MessageNewParams {
		return anthropic.MessageNewParams{
			Model: "auto", MaxTokens: 99, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))},
		}
	}
	stream := func(ctx context.Context, p anthropic.MessageNewParams) (*anthropic.Message, error) {
		message := &anthropic.Message{}
		s := client.Messages.NewStreaming(ctx, p)
		for s.Next() {
			if err := message.Accumulate(s.Current()); err != nil {
				return nil, err
			}
		}
		return message, s.Err()
	}
	tool := anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
		Name: "weather", InputSchema: anthropic.ToolInputSchemaParam{Properties: schema["properties"], Required: []string{"city"}},
	}}
	return []check{
		{"anthropic: whole", func(ctx context.Context) error {
			p := params(asked)
			p.System = []anthropic.TextBlockParam{{Text: "be short"}}
			message, err := client.Messages.New(ctx, p)
			if err != nil {
				return err
			}
			return errors.Join(same(message.Content[0].Text, said), same(message.StopReason, anthropic.StopReasonEndTurn), same(message.Usage.OutputTokens > 0, true))
		}},
		{"anthropic: streamed", func(ctx context.Context) error {
			message, err := stream(ctx, params(asked))
			if err != nil {
				return err
			}
			return same(message.Content[0].Text, said)
		}},
		{"anthropic: a tool loop", func(ctx context.Context) error {
			for _, text := range []string{asked, "where is my parcel"} { // by either kind of upstream
				p := params(text)
				p.Tools = []anthropic.ToolUnionParam{tool}
				message, err := stream(ctx, p)
				if err != nil {
					return err
				}
				call := message.Content[len(message.Content)-1].AsToolUse()
				var input struct{ City string }
				if err := json.Unmarshal(call.Input, &input); err != nil || input.City != city {
					return fmt.Errorf("%s: %w", call.Input, err)
				}
				p.Messages = append(p.Messages, message.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(call.ID, "rain", false)))
				answer, err := client.Messages.New(ctx, p)
				if err != nil {
					return err
				}
				if err := same(answer.Content[0].Text, "The tool said: rain"); err != nil {
					return err
				}
			}
			return nil
		}},
		{"anthropic: thoughts", func(ctx context.Context) error {
			p := params("where is my parcel")
			p.MaxTokens, p.Thinking = 2000, anthropic.ThinkingConfigParamOfEnabled(1024)
			message, err := stream(ctx, p)
			if err != nil {
				return err
			}
			return errors.Join(same(message.Content[0].Thinking, "Let me see."), same(message.Content[1].Text, "You said: where is my parcel"))
		}},
		{"anthropic: tokens counted", func(ctx context.Context) error {
			count, err := client.Messages.CountTokens(ctx, anthropic.MessageCountTokensParams{Model: "auto", Messages: params(asked).Messages})
			if err != nil {
				return err
			}
			return same(count.InputTokens > 3, true)
		}},
		{"anthropic: models", func(ctx context.Context) error {
			found := false
			models := client.Models.ListAutoPaging(ctx, anthropic.ModelListParams{})
			for models.Next() {
				found = found || models.Current().ID == "auto"
			}
			return errors.Join(models.Err(), same(found, true))
		}},
		{"anthropic: errors", func(ctx context.Context) error {
			p := params(asked)
			p.Model = "nobody"
			_, unknown := client.Messages.New(ctx, p)
			_, bad := client.Messages.New(ctx, anthropic.MessageNewParams{Model: "auto", MaxTokens: 9})
			var first, second *anthropic.Error
			if !errors.As(unknown, &first) || !errors.As(bad, &second) {
				return fmt.Errorf("%w, %w", unknown, bad)
			}
			return errors.Join(same(first.StatusCode, 404), same(second.StatusCode, 400), same(second.RequestID != "", true))
		}},
	}
}
