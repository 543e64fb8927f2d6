package openai

import "github.com/semroute/semroute/forward/internal/wire"

// plainChoice reads the chunk that nearly all of an answer consists of: one
// choice with some text. Where it is false, which it is for everything else,
// the chunk says nothing yet and has to be read as a whole.
func plainChoice(data []byte) (c choice, ok bool) {
	s := wire.NewScan(data)
	choices := 0
	for key := range s.Fields {
		switch string(key) {
		case "choices":
			for range s.Items {
				choices++
				readChoice(&s, &c)
			}
		case "usage", "error":
			only(&s, s.Null())
		default:
			s.Skip()
		}
	}
	return c, s.OK() && choices == 1
}

func readChoice(s *wire.Scan, c *choice) {
	deltas := 0
	for key := range s.Fields {
		switch string(key) {
		case "index":
			s.Int(&c.Index)
		case "finish_reason":
			s.Text(&c.FinishReason)
		case "delta":
			deltas++
			readDelta(s, c)
		case "logprobs":
			only(s, s.Null())
		default:
			s.Skip()
		}
	}
	only(s, deltas <= 1)
}

func readDelta(s *wire.Scan, c *choice) {
	for key := range s.Fields {
		switch string(key) {
		case "content":
			s.Text(&c.Delta.Content)
		case "refusal":
			s.Text(&c.Delta.Refusal)
		case "tool_calls":
			only(s, s.Null())
		default:
			s.Skip()
		}
	}
}

// only ends the scan where a chunk has more to it.
func only(s *wire.Scan, plain bool) {
	if !plain {
		s.Stop()
	}
}
