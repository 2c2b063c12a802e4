//go:build browser && unix

package testscripts

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nkeep/claims"
	"nkeep/internal/testrun"
	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TestStatusPage looks at the page of nkeep serve with a browser, as a person would:
// in a wide window and a narrow one, by day and by night.
func TestStatusPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{2, 30} {
		t.Run(strconv.Itoa(count), func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t, colony(t, count))
			v.b.visit(v.url)
			v.judge(strconv.Itoa(count))
			if s := v.see(); !slices.Equal(s.Names, v.names) || s.Tiles[0] != strconv.Itoa(count) || s.Tiles[3] != strconv.Itoa(v.imports) {
				t.Errorf("names %q, tiles %q", s.Names, s.Tiles)
			}
		})
	}
}

// TestStatusPageSearch uses what the page offers: its search, its columns, its tiles.
func TestStatusPageSearch(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, colony(t, 30))
	v.b.visit(v.url)
	v.b.click("thead th:nth-child(2) a")
	if s := v.see(); s.Names[0] != "A05" || s.Names[1] != "A04" || s.Names[29] != "A29" { // expired, soon, never
		t.Errorf("by expiry: %q", s.Names)
	}
	v.b.click(".tiles li:nth-child(2) a")
	if s := v.see(); !slices.Equal(s.Names, []string{"A05"}) || s.Tiles[1] != "1" || !strings.Contains(s.Text, "expired 2 days ago") {
		t.Errorf("expired: %q %q", s.Names, s.Tiles)
	}
	v.judge("expired")
	v.b.click(".tiles li:nth-child(3) a")
	if s := v.see(); !slices.Equal(s.Names, []string{"A04"}) || !strings.Contains(s.Text, "in 9 days") {
		t.Errorf("soon: %q", s.Names)
	}
	v.b.click(".tiles li:nth-child(1) a")
	v.b.eval(`document.querySelector("input[type=search]").value = "a02"`, nil)
	v.b.click("form button")
	if s := v.see(); !slices.Equal(s.Names, []string{"A02"}) || len(s.Boxes) != 2 || s.Boxes[0].Text != "A00" || s.Boxes[1].Text != "A02" {
		t.Errorf("search: %q, boxes %+v", s.Names, s.Boxes)
	}
	v.judge("search")
	v.b.eval(`document.querySelector("input[type=search]").value = "<nobody>&q=A00"`, nil)
	v.b.click("form button")
	if s := v.see(); len(s.Names) != 0 || !strings.Contains(s.Text, "No account is like that") {
		t.Errorf("search for nobody: %q %s", s.Names, s.Text)
	}
	v.judge("nobody")
}

// TestStatusPageHostile has names and subjects that a page could take for its own.
func TestStatusPageHostile(t *testing.T) {
	t.Parallel()
	names := []string{
		`"><img src=x onerror=alert(1)>`, "'onmouseover='alert(1)", "<b>bold<", "<script>alert(1)", "javascript:alert(1)", "{{.Key}}", "&lt;amp", "ACCOUNT",
		strings.Repeat("W", 200), "名前 🙂",
	}
	list := colony(t, len(names))
	for i, ac := range list {
		ac.Name = names[i]
		for _, im := range ac.Imports {
			im.Subject = "<script>alert(1)</script>." + jwt.Subject(strings.Repeat("w", 150))
		}
	}
	stranger := &jwt.Import{Name: "x", Subject: "x", Type: jwt.Service, Account: publicOf(t, nkeys.CreateAccount)}
	list[0].Imports.Add(stranger)
	v := newVisitor(t, list)
	v.b.visit(v.url)
	v.judge("hostile")
	s := v.see()
	if !slices.Equal(s.Names, v.names) || s.Scripts != 0 || !strings.Contains(s.Text, "not in this store") {
		t.Errorf("names %q, %d scripts", s.Names, s.Scripts)
	}
}

// TestStatusPageOfMany has one account that all others import from.
func TestStatusPageOfMany(t *testing.T) {
	t.Parallel()
	const count = 10_000
	v := newVisitor(t, colony(t, count))
	v.b.visit(v.url)
	v.judge("many")
	s := v.see()
	if s.Tiles[0] != "10000" || len(s.Boxes) != 2 || s.Boxes[1].Text != "9999 accounts" || s.Lines != 1 {
		t.Errorf("tiles %q, %d lines, boxes %+v", s.Tiles, s.Lines, s.Boxes)
	}
	names := s.Names
	for range count/100 - 1 {
		v.b.click("a[rel=next]")
		names = append(names, v.see().Names...)
	}
	if !slices.Equal(names, v.names) {
		t.Errorf("pages list %d accounts", len(names))
	}
	v.b.visit(v.url + "?page=99999999999999999999&sort=nothing&only=%ff&q=" + strings.Repeat("%22", 1000))
	v.judge("absurd")
}

// TestBrowserComplains makes sure that the browser tells of what the other tests
// would have it tell.
func TestBrowserComplains(t *testing.T) {
	t.Parallel()
	b := newChromium(t)
	for name, page := range map[string]string{
		"policy":   `<style>p { color: red }</style>`,
		"missing":  `<img src=/missing>`,
		"external": `<img src=http://127.0.0.2:1/x.png>`,
	} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src *")
			w.Header().Set("Content-Type", "text/html")
			if r.URL.Path != "/" {
				w.WriteHeader(http.StatusNotFound)
			}
			fmt.Fprint(w, "<!doctype html><link rel=icon href=data:,>", page)
		}))
		b.visit(web.URL)
		if len(b.complaints(web.URL)) == 0 {
			t.Errorf("%s: no complaint", name)
		}
		web.Close()
	}
}

// colony are accounts of which the first exports to all others, the fifth expires soon,
// and the sixth has expired.
func colony(t *testing.T, count int) []*jwt.AccountClaims {
	t.Helper()
	var list []*jwt.AccountClaims
	for i := range count {
		ac := claims.NewAccount(publicOf(t, nkeys.CreateAccount), fmt.Sprintf("A%02d", i))
		switch i {
		case 0:
			ac.Exports.Add(&jwt.Export{Name: "x", Subject: "x.>", Type: jwt.Stream})
		case 4:
			ac.Expires = time.Now().Add(10*24*time.Hour - time.Minute).Unix()
		case 5:
			ac.Expires = time.Now().Add(-50 * time.Hour).Unix()
		}
		if i > 0 {
			ac.Imports.Add(&jwt.Import{Name: "x", Subject: "x.>", Type: jwt.Stream, Account: list[0].Subject})
		}
		list = append(list, ac)
	}
	return list
}

func publicOf(t *testing.T, create func() (nkeys.KeyPair, error)) string {
	t.Helper()
	kp, err := create()
	orFatal(t, err)
	public, err := kp.PublicKey()
	orFatal(t, err)
	return public
}

// visitor is somebody with a browser, and nkeep serve over a store.
type visitor struct {
	t       *testing.T
	b       *chromium
	url     string
	names   []string // of the accounts, sorted
	imports int
}

func newVisitor(t *testing.T, list []*jwt.AccountClaims) *visitor {
	t.Helper()
	v := &visitor{t: t, b: newChromium(t)}
	h := newHome(t)
	kp, err := nkeys.CreateOperator()
	orFatal(t, err)
	public, err := kp.PublicKey()
	orFatal(t, err)
	root, err := jwtstore.Open(h.dir, jwtstore.Options{})
	orFatal(t, err)
	token, err := claims.NewOperator(public, "ACME").Encode(kp)
	orFatal(t, err)
	orFatal(t, root.Update(context.Background(), func(tx *jwtstore.Tx) error {
		if _, err := tx.AddOperator("ACME", token, false); err != nil {
			return err
		}
		for _, ac := range list {
			token, err := ac.Encode(kp)
			if err != nil {
				return err
			}
			if _, err := tx.AddAccount("ACME", ac.Name, token); err != nil {
				return err
			}
			v.names, v.imports = append(v.names, ac.Name), v.imports+len(ac.Imports)
		}
		return nil
	}))
	slices.Sort(v.names)
	c := h.command("serve", "-H", h.dir, "-o", "ACME", "--listen", "127.0.0.1:0")
	var out testrun.Spoken
	c.Stdout, c.Stderr = &out, &out
	orFatal(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
	page := regexp.MustCompile(`page +(http://\S+/)\n`)
	await(t, "the account server", func() bool { return page.MatchString(out.String()) })
	v.url = page.FindStringSubmatch(out.String())[1]
	return v
}

// seen is what there is on a page.
type seen struct {
	Text    string
	Names   []string
	Tiles   []string
	Scripts int
	Lines   int
	Boxes   []struct {
		Text                   string
		Width, TextWidth, Font float64
		Top, Bottom, Left      float64
	}
	Wide  float64 // pixels that it is wider than the window
	Faint []string
}

func (v *visitor) see() (s seen) {
	v.t.Helper()
	v.b.eval(lookAround, &s)
	return s
}

// judge finds faults with the page as it is, in every window and light.
func (v *visitor) judge(name string) {
	v.t.Helper()
	if list := v.b.complaints(v.url); len(list) > 0 {
		v.t.Errorf("%s: complaints: %s", name, strings.Join(list, "\n"))
	}
	for _, scheme := range []string{"dark", "light"} {
		for _, width := range []int{320, 390, 768, 1280} {
			v.b.look(width, scheme)
			s := v.see()
			where := fmt.Sprintf("%s-%d-%s", name, width, scheme)
			if s.Wide > 0 {
				v.t.Errorf("%s: %v pixels wider than the window", where, s.Wide)
			}
			if len(s.Faint) > 0 {
				v.t.Errorf("%s: hard to read: %q", where, s.Faint)
			}
			v.judgeGraph(where, s)
			v.b.picture(where)
		}
	}
}

func (v *visitor) judgeGraph(where string, s seen) {
	v.t.Helper()
	if len(s.Boxes) > 0 && s.Lines == 0 {
		v.t.Errorf("%s: boxes without lines", where)
	}
	for i, b := range s.Boxes {
		if b.TextWidth > b.Width+0.5 || b.Font < 10 || b.Text == "" {
			v.t.Errorf("%s: text of %v pixels, %v high, in a box of %v: %s", where, b.TextWidth, b.Font, b.Width, b.Text)
		}
		for _, other := range s.Boxes[:i] {
			if math.Abs(other.Left-b.Left) < 1 && other.Top < b.Bottom && b.Top < other.Bottom {
				v.t.Errorf("%s: boxes of %q and %q overlap", where, b.Text, other.Text)
			}
		}
	}
}

// lookAround measures a page. Text is faint whose contrast is less than 4.5, the least
// of WCAG's level AA.
const lookAround = `(() => {
	const channels = c => (c.match(/[\d.]+/g) || []).map(Number);
	const luminance = c => {
		const [r, g, b] = channels(c).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 });
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if (channels(c).length == 3) return c;
		}
		return "rgb(255, 255, 255)";
	};
	const contrast = (a, b) => { const [l, m] = [luminance(a), luminance(b)].sort((x, y) => y - x); return (l + 0.05) / (m + 0.05) };
	const faint = [];
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest("title, style") || !e.getClientRects().length) continue;
		if (![...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim())) continue;
		const style = getComputedStyle(e);
		const svg = e.closest("g");
		const ground = svg ? getComputedStyle(svg.querySelector("rect")).fill : behind(e);
		const ratio = contrast(style.color, ground);
		if (!(ratio >= 4.5)) faint.push(e.tagName + " " + e.textContent.trim().slice(0, 40) + " " + ratio.toFixed(2));
	}
	return {
		Text: document.body.innerText,
		Names: [...document.querySelectorAll(".accounts tbody th")].map(e => e.firstChild.textContent),
		Tiles: [...document.querySelectorAll(".tiles strong")].map(e => e.textContent),
		Scripts: document.scripts.length,
		Lines: document.querySelectorAll("svg path").length,
		Boxes: [...document.querySelectorAll("svg g")].map(g => {
			const text = g.querySelector(".box"), box = g.querySelector("rect").getBoundingClientRect(), words = text.getBoundingClientRect();
			const style = getComputedStyle(text), cut = style.overflow == "hidden" && style.textOverflow == "ellipsis";
			return {
				Text: text.textContent, Width: box.width, TextWidth: (cut ? text.clientWidth : text.scrollWidth) * words.width / text.offsetWidth,
				Font: parseFloat(style.fontSize) * words.width / text.offsetWidth, Top: box.top, Bottom: box.bottom, Left: box.left,
			};
		}),
		Wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
		Faint: faint,
	};
})()`
