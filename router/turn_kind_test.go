package router

import "testing"

func (k turnKind) String() string {
	return [...]string{"whole", "short", "leaning", "empty", "polite"}[k]
}

func TestKindOf(t *testing.T) {
	tests := map[turnKind][]string{
		turnWhole: {"what time is it in Tokyo", "how far is it from Berlin to Munich", "do you think it will rain tomorrow",
			"where is my parcel from Monday", "solve 3x + 7 = 22", "write a poem about autumn", "do you deliver on Sundays?",
			"ok. where can I find my receipts", "thanks. how much is the Plus membership?", "and where is the refund for my toaster?",
			"never mind, when will my order arrive", "tell me a joke",
		},
		turnShort: {"my printer says it is offline", "I don't have a printer", "nothing came", "how much is the membership?", "write that as a python function"},
		turnLeaning: {
			"and in Texas?", "what about Texas?", "How about the other one?", "for how long?", "with three dice?",
			"how long does that take?", "which button?", "the app", "ok, and 15%?", "so when can I see it", "does that work in rust?",
		},
		turnEmpty:  {"ok", "yes", "Yes, go ahead!", "go on", "commit it", "make it longer", "looks good", "are you sure?", "why not", "not yet", "please do", "👍", ""},
		turnPolite: {"thanks a lot", "Thank you, that helped me", "good night", "hi", "ok bye", "Hey, how are you?"},
	}
	for want, turns := range tests {
		for _, turn := range turns {
			if got := kindOf(turn); got != want {
				t.Errorf("%q is %s, want %s", turn, got, want)
			}
		}
	}
}

func FuzzFollow(f *testing.F) {
	f.Add("where is my parcel", "ok", "and the other one?")
	f.Add("", "’'", "thanks")
	f.Fuzz(func(t *testing.T, first, second, third string) {
		var r reading
		users := []string{first, second, third}
		r.add(third)
		r.follow(users)
		if r.way == alone && r.n != 1 || r.way == followed && (r.n != 3 || r.span < 2 || r.span > 3) {
			t.Errorf("%q: way %d, %d texts, span %d", users, r.way, r.n, r.span)
		}
	})
}
