package accountserver

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed status.html
var statusPage string

//go:embed status.css
var statusStyle string

const (
	statusRows  = 100 // accounts on one page
	statusLinks = 100 // subjects that are imported
	queryLength = 200 // bytes of what is searched for
)

// statusQuery is what somebody wants to see.
type statusQuery struct {
	Search string // part of a name, or of a key
	Only   string // a standing, or empty for all
	Sort   string // a column
	Page   int    // from 1
}

// Columns that accounts can be sorted by.
const (
	sortName    = "name"
	sortExpires = "expires"
	sortUpdated = "updated"
)

func readStatusQuery(v url.Values) statusQuery {
	page, err := strconv.Atoi(v.Get("page"))
	if err != nil {
		page = 1
	}
	search := v.Get("q")
	return statusQuery{Search: strings.TrimSpace(search[:min(len(search), queryLength)]), Only: v.Get("only"), Sort: cmp.Or(v.Get("sort"), sortName), Page: page}
}

// Sorted, Filtered and On are addresses of the page that differ in one thing.
func (q statusQuery) Sorted(column string) string {
	q.Sort, q.Page = column, 1
	return q.address()
}

// Filtered is the address of accounts of one standing.
func (q statusQuery) Filtered(standing string) string {
	q.Only, q.Page = standing, 1
	return q.address()
}

// On is the address of another page.
func (q statusQuery) On(page int) string {
	q.Page = page
	return q.address()
}

func (q statusQuery) address() string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Search, "only": q.Only, "sort": q.Sort} {
		if value != "" && value != sortName {
			v.Set(name, value)
		}
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	return "/?" + v.Encode()
}

// status is what the page shows.
type status struct {
	Query          statusQuery
	Style          template.CSS
	Operator, Key  string
	At             string
	Total, Read    int // accounts
	Expired, Soon  int
	Imports        int
	Found          int
	Rows           []statusRow
	Previous, Next int // pages, 0 for none
	First, Last    int
	Graph          graph
	Subjects       []statusSubject
	MoreSubjects   int
}

// statusRow is an account.
type statusRow struct {
	Name, Key        string
	Updated, Expires statusTime
	Standing         string
	Exports, Imports int
}

// statusTime is a time as people read it.
type statusTime struct{ Exact, Day, Clock, Distance string }

func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) {
	d, err := s.digest()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page, err := template.New("status").Parse(statusPage)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", neverRule)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+hashSource(statusStyle)+"'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	if err := page.Execute(w, newStatus(d, readStatusQuery(r.URL.Query()), s.o.Now())); err != nil {
		s.log.Debug("page", "error", err) // whoever has hung up does not read it
	}
}

// hashSource names inline text in a content security policy.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func newStatus(d *digest, q statusQuery, now time.Time) status {
	v := status{
		Query: q, Style: template.CSS(statusStyle), //nolint:gosec // it is ours
		Operator: d.operator.name, Key: d.operator.subject, At: d.at.UTC().Format("2006-01-02 15:04:05 UTC"),
		Total: d.total, Read: len(d.accounts), Imports: len(d.links),
	}
	var found []summary
	for _, a := range d.accounts {
		standing := a.standing(now)
		switch standing {
		case standingExpired:
			v.Expired++
		case standingSoon:
			v.Soon++
		}
		if q.finds(a) && (q.Only == "" || q.Only == standing) {
			found = append(found, a)
		}
	}
	q.sort(found)
	v.Found = len(found)
	v.turn(found, now)
	links := d.links
	if q.Search != "" {
		links = slices.DeleteFunc(slices.Clone(links), func(l link) bool { return !contains(l.from, q.Search) && !contains(l.to, q.Search) })
	}
	v.Graph = drawGraph(links)
	v.Subjects, v.MoreSubjects = subjectsOf(links)
	return v
}

// turn fills the page that was asked for, or the last one.
func (v *status) turn(found []summary, now time.Time) {
	last := max(1, (len(found)+statusRows-1)/statusRows)
	page := min(max(v.Query.Page, 1), last)
	begin, end := (page-1)*statusRows, min(page*statusRows, len(found))
	for _, a := range found[begin:end] {
		v.Rows = append(v.Rows, statusRow{
			Name: a.name, Key: a.subject, Standing: a.standing(now), Exports: a.exports, Imports: a.imports,
			Updated: timeOn(a.issued, now), Expires: timeOn(a.expires, now),
		})
	}
	v.First, v.Last, v.Previous = min(begin+1, end), end, page-1
	if page < last {
		v.Next = page + 1
	}
}

func (q statusQuery) finds(a summary) bool {
	return contains(a.name, q.Search) || contains(a.subject, q.Search)
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// sort expects accounts in the order of their names.
func (q statusQuery) sort(list []summary) {
	switch q.Sort {
	case sortExpires: // the next first, and at the end what never does
		slices.SortStableFunc(list, func(a, b summary) int { return cmp.Compare(a.lasts(), b.lasts()) })
	case sortUpdated: // the last first
		slices.SortStableFunc(list, func(a, b summary) int { return cmp.Compare(b.issued, a.issued) })
	}
}

// timeOn is empty for no time.
func timeOn(seconds int64, now time.Time) statusTime {
	if seconds == 0 {
		return statusTime{}
	}
	t := time.Unix(seconds, 0).UTC()
	return statusTime{when(seconds), t.Format(time.DateOnly), t.Format("15:04:05"), distance(t.Sub(now))}
}

// distance is how far away a time is, roughly.
func distance(d time.Duration) string {
	format := "in %d %s"
	if d < 0 {
		d, format = -d, "%d %s ago"
	}
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / unit.size); n >= 1 {
			if n > 1 {
				unit.name += "s"
			}
			return fmt.Sprintf(format, n, unit.name)
		}
	}
	return "now"
}

// statusSubject is something that accounts import from one of them.
type statusSubject struct {
	From, Subject, Type string
	Unknown             bool
	To                  []string // the first of them
	More                int
}

// subjectsOf groups imports by what they import.
func subjectsOf(links []link) (list []statusSubject, more int) {
	const shown = 12 // names
	for i := 0; i < len(links); {
		l := links[i]
		s := statusSubject{From: l.from, Subject: l.subject, Type: "stream", Unknown: l.unknown}
		if l.service {
			s.Type = "service"
		}
		for ; i < len(links) && links[i].from == l.from && links[i].subject == l.subject; i++ {
			if len(s.To) < shown {
				s.To = append(s.To, links[i].to)
			} else {
				s.More++
			}
		}
		if len(list) < statusLinks {
			list = append(list, s)
		} else {
			more++
		}
	}
	return list, more
}
