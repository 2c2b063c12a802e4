package accountserver

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
)

func TestStatusPageFinds(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := newRealm(t, func(o *Options) { o.Now = func() time.Time { return now } })
	key, _ := r.stored(t, "ORDERS-1", func(ac *jwt.AccountClaims) { ac.Expires = now.Add(49 * time.Hour).Unix() })
	r.stored(t, "WEB-1", func(ac *jwt.AccountClaims) {
		ac.Imports.Add(&jwt.Import{Name: "x", Subject: "x.>", Account: key, Type: jwt.Stream})
	})
	for query, want := range map[string][]string{
		"":                      {"ORDERS-1", "WEB-1"},
		"?q=rs-1":               {"ORDERS-1"},
		"?q=" + key[10:30]:      {"ORDERS-1"},
		"?q=nobody":             {},
		"?only=soon":            {"ORDERS-1"},
		"?only=expired":         {},
		"?sort=updated&q=-1":    {"ORDERS-1", "WEB-1"},
		"?page=-1":              {"ORDERS-1", "WEB-1"},
		"?page=7&sort=x&q=eb-1": {"WEB-1"},
	} {
		page := r.get(t, "/"+query)
		page.wants(t, 200, "<h1>O</h1>")
		got := []string{}
		for _, part := range strings.Split(page.body, `<th scope="row">`)[1:] {
			if name, _, _ := strings.Cut(part, "<"); strings.Contains(part, "data-is") {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	r.get(t, "/").wants(t, 200, "in 2 days")
	// What was read is kept for a moment, and not for longer.
	r.stored(t, "NEW")
	if page := r.get(t, "/"); strings.Contains(page.body, "NEW") {
		t.Error("the accounts were read again at once")
	}
	now = now.Add(digestLasts + time.Minute)
	r.get(t, "/").wants(t, 200, "NEW")
}

func TestGraphOfMany(t *testing.T) {
	t.Parallel()
	var links []link
	for i := range 5000 {
		links = append(links,
			link{from: "PLATFORM", to: fmt.Sprintf("T%04d", i), subject: "x.>"},
			link{from: fmt.Sprintf("T%04d", i), to: "METRICS", subject: "m.>", service: true})
	}
	g := drawGraph(append(links, link{from: "AAAA", to: "METRICS", subject: "z", unknown: true}))
	var names, classes []string
	for _, b := range g.Boxes {
		names, classes = append(names, b.Name), append(classes, b.Class)
	}
	slices.Sort(names)
	if want := []string{"5000 accounts", "5000 accounts", "AAAA", "METRICS", "PLATFORM"}; !slices.Equal(names, want) || g.Hidden != 0 || !slices.Contains(classes, "gone") {
		t.Errorf("boxes %q %q, %d hidden", names, classes, g.Hidden)
	}
	if len(g.Lines) != 3 {
		t.Errorf("lines %+v", g.Lines)
	}

	// Where no two are alike, the largest are drawn.
	links = nil
	for i := range 100 {
		for j := range i + 1 {
			links = append(links, link{from: fmt.Sprintf("F%02d", i), to: fmt.Sprintf("T%02d", j), subject: "x"})
		}
	}
	g = drawGraph(links)
	if len(g.Boxes) != 2*graphMost || g.Hidden != 2*(100-graphMost) || !slices.ContainsFunc(g.Boxes, func(b graphBoxed) bool { return b.Name == "F99" }) {
		t.Errorf("%d boxes, %d hidden", len(g.Boxes), g.Hidden)
	}
	if g := drawGraph(nil); len(g.Boxes)+g.Height != 0 {
		t.Errorf("of nothing: %+v", g)
	}
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "now", 999 * time.Millisecond: "now", time.Second: "in 1 second", -90 * time.Second: "1 minute ago",
		23 * time.Hour: "in 23 hours", -49 * time.Hour: "2 days ago", 400 * 24 * time.Hour: "in 400 days",
	} {
		if got := distance(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	q := readStatusQuery(url.Values{"q": {" a&b "}, "page": {"3"}, "only": {standingSoon}})
	if got := q.Sorted(sortExpires); got != "/?only=soon&q=a%26b&sort=expires" {
		t.Error(got)
	}
	if got := q.On(4); got != "/?only=soon&page=4&q=a%26b" {
		t.Error(got)
	}
	if list, more := subjectsOf(slices.Repeat([]link{{from: "A", subject: "x", to: "B"}, {from: "A", subject: "y", to: "B"}}, statusLinks)); len(list) != statusLinks || more != statusLinks {
		t.Errorf("%d subjects, %d more", len(list), more)
	}
}
