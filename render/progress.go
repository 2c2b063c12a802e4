package render

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressDelay is how long work may take in silence.
const progressDelay = time.Second

// Progress shows how far a piece of work has come. Its methods do nothing where progress is not shown, and may be called by
// several goroutines.
type Progress struct {
	p     *Printer
	total int
	what  string

	timer *time.Timer // nil where progress is not shown

	// Guarded by p.mu.
	done int
	bar  *progressbar.ProgressBar // nil until the delay is over
}

// Progress starts to report on total steps of work; what names it ("pushing accounts"). A bar appears on err once the work
// has taken more than a second, if err is a terminal and Quiet is not set. The caller must end it with Done.
func (p *Printer) Progress(total int, what string) *Progress {
	g := &Progress{p: p, total: total, what: what}
	if p.o.ErrTerminal && !p.o.Quiet {
		g.timer = time.AfterFunc(progressDelay, g.appear)
	}
	return g
}

// Add reports n more steps as done.
func (g *Progress) Add(n int) {
	if g.timer == nil {
		return
	}
	g.p.mu.Lock()
	defer g.p.mu.Unlock()
	g.done = min(g.done+n, g.total)
	if g.bar != nil {
		_ = g.bar.Set(g.done) // a bar that cannot be drawn must not stop the work
	}
}

// Done ends the report and takes the bar off the screen. It may be called more than once.
func (g *Progress) Done() {
	if g.timer == nil {
		return
	}
	g.timer.Stop()
	g.p.lock()
	defer g.p.mu.Unlock()
	g.done = g.total // an appear that is under way sees that it comes too late
	g.bar = nil
	if g.p.bar == g {
		g.p.bar = nil
	}
}

// appear puts the bar on the screen, unless the work has just ended or another bar is there.
func (g *Progress) appear() {
	g.p.lock()
	defer g.p.mu.Unlock()
	if g.done >= g.total || g.p.bar != nil {
		return
	}
	g.p.bar = g
	g.bar = progressbar.NewOptions(g.total,
		progressbar.OptionSetWriter(g.p.err),
		progressbar.OptionSetDescription(Escape(g.what)),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
	)
	_ = g.bar.Set(g.done)
}

// clear takes the bar off the screen until the next step. The caller holds p.mu.
func (g *Progress) clear() {
	_ = g.bar.Clear()
}
