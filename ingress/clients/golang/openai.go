package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

var schema = map[string]any{
	"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"},
}

// officialOpenAI is OpenAI's own client: completions, tools, responses, embeddings,
// models, errors, giving up.
func officialOpenAI(base string) []check {
	client := openai.NewClient(option.WithBaseURL(base+"/v1"), option.WithAPIKey("none"), option.WithMaxRetries(0))
	params := func(text string) openai.ChatCompletionNewParams {
		return openai.ChatCompletionNewParams{Model: "auto", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)}}
	}
	tool := openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "weather", Parameters: schema})
	stream := func(ctx context.Context, p openai.ChatCompletionNewParams) (*openai.ChatCompletionAccumulator, error) {
		acc := &openai.ChatCompletionAccumulator{}
		s := client.Chat.Completions.NewStreaming(ctx, p)
		for s.Next() {
			if !acc.AddChunk(s.Current()) {
				return nil, errors.New("a piece does not fit those before")
			}
		}
		return acc, s.Err()
	}
	return []check{
		{"openai: whole, with its head", func(ctx context.Context) error {
			var head *http.Response
			answer, err := client.Chat.Completions.New(ctx, params(asked), option.WithResponseInto(&head))
			if err != nil {
				return err
			}
			return errors.Join(same(answer.Choices[0].Message.Content, said), same(head.Header.Get("X-Semroute-Route"), "refunds"),
				same(answer.Usage.TotalTokens > 0, true))
		}},
		{"openai: streamed, with usage", func(ctx context.Context) error {
			p := params(asked)
			p.StreamOptions.IncludeUsage = param.NewOpt(true)
			acc, err := stream(ctx, p)
			if err != nil {
				return err
			}
			return errors.Join(same(acc.Choices[0].Message.Content, said), same(acc.Usage.CompletionTokens > 0, true))
		}},
		{"openai: a tool loop", func(ctx context.Context) error {
			p := params(asked)
			p.Tools = []openai.ChatCompletionToolUnionParam{tool}
			p.ToolChoice = openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: param.NewOpt("required")}
			acc, err := stream(ctx, p)
			if err != nil {
				return err
			}
			message := acc.Choices[0].Message
			if len(message.ToolCalls) != 1 {
				return fmt.Errorf("%d calls of tools", len(message.ToolCalls))
			}
			p.ToolChoice = openai.ChatCompletionToolChoiceOptionUnionParam{}
			p.Messages = append(p.Messages, message.ToParam(), openai.ToolMessage("rain", message.ToolCalls[0].ID))
			answer, err := client.Chat.Completions.New(ctx, p)
			if err != nil {
				return err
			}
			return same(answer.Choices[0].Message.Content, "The tool said: rain")
		}},
		{"openai: an answer by a schema", func(ctx context.Context) error {
			p := params(asked)
			p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
				JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "answer", Schema: map[string]any{
					"type": "object", "properties": map[string]any{"answer": map[string]any{"type": "string"}}, "required": []string{"answer"}, "additionalProperties": false,
				}, Strict: param.NewOpt(true)},
			}}
			answer, err := client.Chat.Completions.New(ctx, p)
			if err != nil {
				return err
			}
			var got struct{ Answer string }
			return errors.Join(json.Unmarshal([]byte(answer.Choices[0].Message.Content), &got), same(got.Answer, "yes"))
		}},
		{"openai: responses, one after another", func(ctx context.Context) error {
			first, err := client.Responses.New(ctx, responses.ResponseNewParams{
				Model: "auto", Input: responses.ResponseNewParamsInputUnion{OfString: param.NewOpt(asked)},
			})
			if err != nil {
				return err
			}
			second, err := client.Responses.New(ctx, responses.ResponseNewParams{
				Model: "auto", PreviousResponseID: param.NewOpt(first.ID), Input: responses.ResponseNewParamsInputUnion{OfString: param.NewOpt("and my parcel")},
			})
			if err != nil {
				return err
			}
			return errors.Join(same(first.OutputText(), said), same(second.OutputText(), "You said: and my parcel"))
		}},
		{"openai: responses, streamed", func(ctx context.Context) error {
			s := client.Responses.NewStreaming(ctx, responses.ResponseNewParams{
				Model: "auto", Input: responses.ResponseNewParamsInputUnion{OfString: param.NewOpt(asked)},
			})
			var text, last string
			for s.Next() {
				last = s.Current().Type
				if delta, ok := s.Current().AsAny().(responses.ResponseTextDeltaEvent); ok {
					text += delta.Delta
				}
			}
			return errors.Join(s.Err(), same(text, said), same(last, "response.completed"))
		}},
		{"openai: embeddings", func(ctx context.Context) error {
			got, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
				Model: "auto", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a", "b"}},
			})
			if err != nil {
				return err
			}
			return errors.Join(same(len(got.Data), 2), same(len(got.Data[0].Embedding) > 0, true))
		}},
		{"openai: models", func(ctx context.Context) error {
			found := false
			for models := client.Models.ListAutoPaging(ctx); models.Next(); {
				found = found || models.Current().ID == "auto"
			}
			one, err := client.Models.Get(ctx, "auto")
			if err != nil {
				return err
			}
			return errors.Join(same(found, true), same(one.ID, "auto"))
		}},
		{"openai: errors", func(ctx context.Context) error {
			p := params("this is broken")
			_, failed := client.Chat.Completions.New(ctx, p)
			p.Model = "nobody"
			_, unknown := client.Chat.Completions.New(ctx, p)
			_, bad := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "auto"})
			return errors.Join(openaiStatus(failed, 502, 503), openaiStatus(unknown, 404), openaiStatus(bad, 400))
		}},
		{"openai: given up", func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			s := client.Chat.Completions.NewStreaming(ctx, params(asked))
			if !s.Next() {
				return fmt.Errorf("no piece: %w", s.Err())
			}
			cancel()
			return s.Close()
		}},
	}
}

func openaiStatus(err error, want ...int) error {
	var said *openai.Error
	if !errors.As(err, &said) {
		return fmt.Errorf("%w is no error of the protocol", err)
	}
	for _, status := range want {
		if said.StatusCode == status && said.Message != "" {
			return nil
		}
	}
	return fmt.Errorf("%d %q", said.StatusCode, said.Message)
}
