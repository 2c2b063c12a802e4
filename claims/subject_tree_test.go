package claims

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TestSubjectTree compares the tree with the library, which compares each
// subject with each.
func TestSubjectTree(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	tokens := []string{"a", "b", "*", ">"}
	contained := 0
	for range 3000 {
		subjects := make([]jwt.Subject, 1+random.IntN(6))
		var tree subjectTree
		for i := range subjects {
			var parts []string
			for range 1 + random.IntN(4) {
				parts = append(parts, tokens[random.IntN(len(tokens))])
			}
			subjects[i] = jwt.Subject(strings.Join(parts, "."))
			tree.add(subjects[i])
		}
		for i, s := range subjects {
			want := false
			for j, other := range subjects {
				want = want || i != j && s.IsContainedIn(other)
			}
			by, got := tree.container(s)
			if got != want || got && !s.IsContainedIn(by) {
				t.Fatalf("%q among %q: found %v %q, want %v", s, subjects, got, by, want)
			}
			if got {
				contained++
			}
		}
	}
	if contained == 0 {
		t.Error("no subject was contained in another")
	}
}

// BenchmarkCheckManyExports has as many as make the comparing of each with each unbearable.
func BenchmarkCheckManyExports(b *testing.B) {
	c := NewAccount(pub(b, nkeys.PrefixByteAccount), "A")
	for i := range 10_000 {
		s := jwt.Subject("orders." + strings.Repeat("x", i%7+1) + "." + string(rune('a'+i%26)) + strings.Repeat("y", i/26+1) + ".>")
		c.Exports.Add(&jwt.Export{Name: "x", Subject: s, Type: jwt.Stream})
	}
	for b.Loop() {
		if issues := Check(c, epoch()); len(issues) != 0 {
			b.Fatal(issues[0])
		}
	}
}
