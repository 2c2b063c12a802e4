//go:build browser && unix

package testscripts

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// chromium is a browser without a window, which is told what to do through a pipe, in
// the DevTools protocol: messages of JSON that end with a zero byte.
type chromium struct {
	t       *testing.T
	in      io.Writer
	session string

	mu      sync.Mutex
	last    int // number of the last request
	waiting map[int]chan wireMessage
	events  []wireMessage // since the last visit began
}

type wireMessage struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// newChromium fails where there is no browser: who asks for these tests wants them.
func newChromium(t *testing.T) *chromium {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("no Chromium is on the PATH")
	}
	commands, in, err := os.Pipe()
	orFatal(t, err)
	out, answers, err := os.Pipe()
	orFatal(t, err)
	c := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	c.ExtraFiles = []*os.File{commands, answers}
	orFatal(t, c.Start())
	_ = commands.Close() // the browser has its own
	_ = answers.Close()
	b := &chromium{t: t, in: in, waiting: map[int]chan wireMessage{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(bufio.NewReader(out))
	}()
	t.Cleanup(func() {
		b.session = ""
		b.call("Browser.close", nil, nil)
		_ = c.Wait()
		<-done
	})
	b.attach()
	return b
}

// attach opens a page, and listens to what it complains about.
func (b *chromium) attach() {
	b.t.Helper()
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
}

func (b *chromium) read(r *bufio.Reader) {
	for {
		data, err := r.ReadBytes(0)
		if err != nil {
			return // it has ended
		}
		var m wireMessage
		if json.Unmarshal(bytes.TrimSuffix(data, []byte{0}), &m) != nil {
			continue
		}
		b.mu.Lock()
		if m.ID == 0 {
			b.events = append(b.events, m)
		} else if answer := b.waiting[m.ID]; answer != nil {
			answer <- m
			delete(b.waiting, m.ID)
		}
		b.mu.Unlock()
	}
}

// call makes a request, and reads its result.
func (b *chromium) call(method string, params, result any) {
	b.t.Helper()
	encoded, err := json.Marshal(params)
	orFatal(b.t, err)
	answer := make(chan wireMessage, 1)
	b.mu.Lock()
	b.last++
	m := wireMessage{ID: b.last, Session: b.session, Method: method, Params: encoded}
	b.waiting[m.ID] = answer
	b.mu.Unlock()
	if params == nil {
		m.Params = nil
	}
	data, err := json.Marshal(m)
	orFatal(b.t, err)
	_, err = b.in.Write(append(data, 0))
	orFatal(b.t, err)
	var got *wireMessage
	if !poll(func() bool {
		select {
		case m := <-answer:
			got = &m
		default:
		}
		return got != nil
	}) {
		b.t.Fatalf("%s: the browser does not answer", method)
	}
	if got.Error != nil {
		b.t.Fatalf("%s: %s", method, got.Error)
	}
	if result != nil {
		orFatal(b.t, json.Unmarshal(got.Result, result))
	}
}

// visit opens an address and waits until all of it is there.
func (b *chromium) visit(url string) {
	b.t.Helper()
	b.leave(func() { b.call("Page.navigate", map[string]any{"url": url}, nil) })
}

// leave does what opens another page, and waits for that.
func (b *chromium) leave(do func()) {
	b.t.Helper()
	b.mu.Lock()
	b.events = nil
	b.mu.Unlock()
	do()
	await(b.t, "the page", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.events {
			if e.Method == "Page.loadEventFired" {
				return true
			}
		}
		return false
	})
}

// eval evaluates an expression in the page.
func (b *chromium) eval(expression string, value any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	if value != nil {
		orFatal(b.t, json.Unmarshal(answer.Result.Value, value))
	}
}

// click follows a link, or presses a button.
func (b *chromium) click(selector string) {
	b.t.Helper()
	b.leave(func() { b.eval(fmt.Sprintf("document.querySelector(%q).click()", selector), nil) })
}

// complaints are what the browser has found wrong since the visit began: errors,
// what a policy forbade, answers that fail, and requests to anybody but base.
func (b *chromium) complaints(base string) (list []string) {
	b.t.Helper()
	b.eval("1", nil) // what was to be said before was said
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		switch e.Method {
		case "Log.entryAdded", "Runtime.exceptionThrown", "Network.loadingFailed", "Page.javascriptDialogOpening", "Runtime.consoleAPICalled":
			list = append(list, e.Method+" "+string(e.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if json.Unmarshal(e.Params, &p) != nil || !strings.HasPrefix(p.Request.URL, base) && !strings.HasPrefix(p.Request.URL, "data:") {
				list = append(list, "asks "+p.Request.URL)
			}
		case "Network.responseReceived":
			var p struct{ Response struct{ Status int } }
			if json.Unmarshal(e.Params, &p) != nil || p.Response.Status >= 400 {
				list = append(list, "answer "+string(e.Params))
			}
		}
	}
	return list
}

// look makes the page so wide, and light or dark.
func (b *chromium) look(width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// picture writes all of the page into the directory that $SCREENSHOTS names, if any.
func (b *chromium) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	orFatal(b.t, err)
	orFatal(b.t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600))
}

func orFatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
