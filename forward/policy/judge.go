package policy

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

const (
	// judgeTokens bounds a judge's answer.
	judgeTokens = 16
	// judgePrompt is what a judge is told when the catalog says nothing else.
	judgePrompt = "You grade answers. Read the question and the answer, then reply with one number " +
		"between 0 and 1 and nothing else: 1 when the answer is correct, complete and to the point, 0 when it is of no use."
)

// judgedBy asks another model for a score of the answer.
func (f *Forwarder) judgedBy(j *routes.Judge) (passes, error) {
	if j == nil {
		return nil, errors.New("needs a model")
	}
	judge := f.order.models[j.Model]
	if judge == nil {
		return nil, fmt.Errorf("%w: %q", forward.ErrUnknownModel, j.Model)
	}
	system := j.Prompt
	if system == "" {
		system = judgePrompt
	}
	return func(ctx context.Context, r *run, a forward.Answer) error {
		score, err := r.score(ctx, judge, system, a)
		if err != nil {
			return err
		}
		r.attempts.Score(r.underCheck, score)
		if score < j.MinScore {
			return fmt.Errorf("%s gives it %.2f, below %.2f", j.Model, score, j.MinScore)
		}
		return nil
	}, nil
}

// score lets the judge grade an answer. The judge's call is an attempt of its
// own in the record, its cost part of the call's.
func (r *run) score(ctx context.Context, judge *attempt.Model, system string, a forward.Answer) (float64, error) {
	if judge.Client == nil {
		return 0, fmt.Errorf("%w: the judge has no provider", forward.ErrConfig)
	}
	temperature := 0.0
	req := forward.Ask("Question:\n" + r.question() + "\n\nAnswer:\n" + a.Text)
	req.System, req.MaxTokens, req.Temperature = system, judgeTokens, &temperature
	got, err := r.attempts.Aside(ctx, judge, req)
	if err != nil {
		return 0, fmt.Errorf("the judge failed: %w", err)
	}
	return parseScore(got.Held.Answer().Text)
}

// question is the prompt of the call, or the text of its last message.
func (r *run) question() string {
	if r.call.Prompt != "" {
		return r.call.Prompt
	}
	messages := r.call.Request.Messages
	return messages[len(messages)-1].Text()
}

var firstNumber = regexp.MustCompile(`\d+(\.\d+)?|\.\d+`)

// parseScore reads the first number of a judge's answer, which must be in
// [0, 1].
func parseScore(text string) (float64, error) {
	found := firstNumber.FindString(text)
	if found == "" {
		return 0, errors.New("the judge gave no score")
	}
	score, err := strconv.ParseFloat(found, 64)
	if err != nil || score > 1 {
		return 0, fmt.Errorf("the judge gave %s, not a score between 0 and 1", found)
	}
	return score, nil
}
