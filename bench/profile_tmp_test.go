package bench
import ("testing";"github.com/semroute/semroute/router")
func BenchmarkTmpBigDecision(b *testing.B) {
	in, prompts := installed(b, 150)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		if _, err := in.router.Decide(b.Context(), router.Prompt{Text: prompts[i%len(prompts)]}, router.Limits{}); err != nil { b.Fatal(err) }
	}
}
