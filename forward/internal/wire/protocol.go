package wire

import (
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
)

// Emit takes the pieces of an answer.
type Emit func(forward.Piece) error

// Progress is how far an answer has come.
type Progress int

// How far an answer has come.
const (
	// Nothing of the protocol has been read.
	Nothing Progress = iota
	// Begun: the answer has begun.
	Begun
	// Finished: the server has said why the answer ends; usage may follow.
	Finished
	// Over: nothing can follow.
	Over
)

// Protocol reads the messages of one answer.
type Protocol interface {
	// Take reads a message, which is a JSON object and no error. What it does not
	// know it passes over. Event is the name of the server-sent event, if any.
	Take(event string, object gjson.Result) error
	// Progress says how far the answer has come.
	Progress() Progress
	// Close is called at the end of the stream, after the last message; told says
	// that the server marked it ("[DONE]"). An answer that is not complete is
	// Broken.
	Close(told bool) error
	// End is what is known of the answer, also when it failed.
	End() forward.End
}
