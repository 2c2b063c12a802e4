//go:build unix

package testscripts

import (
	"bufio"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// pushLine is a line that a push prints with --json.
type pushLine struct {
	Event, Account, Server, Outcome string
	Missing                         int `json:"missing_servers"`
	Absent                          []string
	Refused                         int
	Meaning                         string
}

// runningPush is a push under way, and what it has said so far.
type runningPush struct {
	cmd    *exec.Cmd
	stderr strings.Builder
	read   sync.WaitGroup

	mu   sync.Mutex
	said map[[2]string]string // outcomes, by account and server
	last pushLine
}

func (h *home) startPush(args ...string) *runningPush {
	h.Helper()
	p := &runningPush{cmd: h.command(append([]string{"push", "--json"}, args...)...), said: map[[2]string]string{}}
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		h.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.read.Go(func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			var l pushLine
			if err := json.Unmarshal(in.Bytes(), &l); err != nil {
				h.Errorf("not JSON: %s", in.Text())
			}
			p.hear(h.T, l)
		}
	})
	return p
}

func (p *runningPush) hear(t *testing.T, l pushLine) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = l
	if l.Event != "result" {
		return
	}
	at := [2]string{l.Account, l.Server}
	if before := p.said[at]; before != "" {
		t.Errorf("account %s on %s: told twice, as %s and %s", l.Account, l.Server, before, l.Outcome)
	}
	p.said[at] = l.Outcome
}

func (p *runningPush) outcome(account, server string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[[2]string{account, server}]
}

func (p *runningPush) count(server, outcome string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, said := range p.said {
		if at[1] == server && said == outcome {
			n++
		}
	}
	return n
}

func (p *runningPush) summary() pushLine {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// end waits until a push ends, with the exit code of one that is not taken everywhere.
func (p *runningPush) end(t *testing.T) {
	t.Helper()
	p.read.Wait()
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 5 {
		t.Errorf("push: %v, not exit code 5: %s", err, &p.stderr)
	}
	t.Log(p.stderr.String())
}
