package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	goopenai "github.com/sashabaranov/go-openai"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	lcanthropic "github.com/tmc/langchaingo/llms/anthropic"
	lcopenai "github.com/tmc/langchaingo/llms/openai"
)

// goOpenAI is the client that most Go programs had before there was an official one.
func goOpenAI(base string) []check {
	config := goopenai.DefaultConfig("none")
	config.BaseURL = base + "/v1"
	client := goopenai.NewClientWithConfig(config)
	request := func(more ...goopenai.ChatCompletionMessage) goopenai.ChatCompletionRequest {
		return goopenai.ChatCompletionRequest{Model: "auto", Messages: append([]goopenai.ChatCompletionMessage{{Role: "user", Content: asked}}, more...)}
	}
	tools := []goopenai.Tool{{Type: goopenai.ToolTypeFunction, Function: &goopenai.FunctionDefinition{Name: "weather", Parameters: schema}}}
	return []check{
		{"go-openai: whole", func(ctx context.Context) error {
			answer, err := client.CreateChatCompletion(ctx, request())
			if err != nil {
				return err
			}
			return same(answer.Choices[0].Message.Content, said)
		}},
		{"go-openai: streamed", func(ctx context.Context) error {
			r := request()
			r.StreamOptions = &goopenai.StreamOptions{IncludeUsage: true}
			stream, err := client.CreateChatCompletionStream(ctx, r)
			if err != nil {
				return err
			}
			defer func() { _ = stream.Close() }()
			text, used := "", 0
			for {
				piece, err := stream.Recv()
				if errors.Is(err, io.EOF) {
					return errors.Join(same(text, said), same(used > 0, true))
				}
				if err != nil {
					return err
				}
				for _, choice := range piece.Choices {
					text += choice.Delta.Content
				}
				if piece.Usage != nil {
					used = piece.Usage.TotalTokens
				}
			}
		}},
		{"go-openai: a tool loop", func(ctx context.Context) error {
			r := request()
			r.Tools, r.ToolChoice = tools, "required"
			first, err := client.CreateChatCompletion(ctx, r)
			if err != nil {
				return err
			}
			calls := first.Choices[0].Message.ToolCalls
			if len(calls) != 1 {
				return fmt.Errorf("%d calls of tools", len(calls))
			}
			r = request(first.Choices[0].Message, goopenai.ChatCompletionMessage{Role: "tool", ToolCallID: calls[0].ID, Content: "rain"})
			r.Tools = tools
			second, err := client.CreateChatCompletion(ctx, r)
			if err != nil {
				return err
			}
			return same(second.Choices[0].Message.Content, "The tool said: rain")
		}},
		{"go-openai: embeddings in base64", func(ctx context.Context) error {
			got, err := client.CreateEmbeddings(ctx, goopenai.EmbeddingRequest{Input: []string{"a"}, Model: "auto", EncodingFormat: goopenai.EmbeddingEncodingFormatBase64})
			if err != nil {
				return err
			}
			return same(len(got.Data[0].Embedding) > 0, true)
		}},
		{"go-openai: models", func(ctx context.Context) error {
			list, err := client.ListModels(ctx)
			if err != nil {
				return err
			}
			return same(len(list.Models) > 3, true)
		}},
		{"go-openai: errors", func(ctx context.Context) error {
			r := request()
			r.Model = "nobody"
			_, err := client.CreateChatCompletion(ctx, r)
			var said *goopenai.APIError
			if !errors.As(err, &said) {
				return fmt.Errorf("%w is no error of the protocol", err)
			}
			return same(said.HTTPStatusCode, 404)
		}},
	}
}

// langchain is LangChain for Go by both protocols.
func langchain(base string) []check {
	says := func(ctx context.Context, model llms.Model, err error) error {
		if err != nil {
			return err
		}
		whole, err := llms.GenerateFromSinglePrompt(ctx, model, asked)
		if err != nil {
			return err
		}
		text := ""
		_, err = llms.GenerateFromSinglePrompt(ctx, model, asked, llms.WithStreamingFunc(func(_ context.Context, piece []byte) error {
			text += string(piece)
			return nil
		}))
		return errors.Join(err, same(whole, said), same(text, said))
	}
	openaiModel := func() (*lcopenai.LLM, error) {
		return lcopenai.New(lcopenai.WithBaseURL(base+"/v1"), lcopenai.WithToken("none"), lcopenai.WithModel("auto"), lcopenai.WithEmbeddingModel("auto"))
	}
	return []check{
		{"langchaingo: openai", func(ctx context.Context) error {
			model, err := openaiModel()
			return says(ctx, model, err)
		}},
		{"langchaingo: openai, a tool", func(ctx context.Context) error {
			model, err := openaiModel()
			if err != nil {
				return err
			}
			answer, err := model.GenerateContent(ctx, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, asked)},
				llms.WithTools([]llms.Tool{{Type: "function", Function: &llms.FunctionDefinition{Name: "weather", Parameters: schema}}}))
			if err != nil {
				return err
			}
			if len(answer.Choices[0].ToolCalls) == 0 {
				return errors.New("no tool is called")
			}
			var input struct{ City string }
			return errors.Join(json.Unmarshal([]byte(answer.Choices[0].ToolCalls[0].FunctionCall.Arguments), &input), same(input.City, city))
		}},
		{"langchaingo: embeddings", func(ctx context.Context) error {
			model, err := openaiModel()
			if err != nil {
				return err
			}
			embedder, err := embeddings.NewEmbedder(model)
			if err != nil {
				return err
			}
			vector, err := embedder.EmbedQuery(ctx, asked)
			if err != nil {
				return err
			}
			return same(len(vector) > 0, true)
		}},
		{"langchaingo: anthropic", func(ctx context.Context) error {
			model, err := lcanthropic.New(lcanthropic.WithBaseURL(base+"/v1"), lcanthropic.WithToken("none"), lcanthropic.WithModel("auto"))
			return says(ctx, model, err)
		}},
	}
}
