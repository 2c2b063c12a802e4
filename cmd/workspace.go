package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"
	"nkeep/resolver"
)

// workspace is what a run works on: the tokens, the keys, and what is selected.
type workspace struct {
	app      *app
	places   places
	root     *jwtstore.Root
	ring     *keystore.Ring
	settings *jwtstore.Settings
	selected jwtstore.Selection
	why      string // the selection is what it is
}

// open reads the saved selection and makes sure that what it opens can be
// worked with: an interrupted change is finished first, and a keyring in the
// layout of 2019 is refused.
func (a *app) open(ctx context.Context) (*workspace, error) {
	w, err := a.openPlaces()
	if err != nil {
		return nil, err
	}
	old, err := w.ring.IsOld()
	if err != nil {
		return nil, err
	}
	if old {
		return nil, withHint(fmt.Errorf("keystore %q: has the layout of 2019", w.places.Keys.Path), "move it to the present one with: nkeep keys migrate")
	}
	return w, w.settle(ctx)
}

func (a *app) openPlaces() (*workspace, error) {
	w := &workspace{app: a, places: a.places()}
	var err error
	if w.settings, err = jwtstore.OpenSettings(w.places.Config.Path, a.env.Files); err != nil {
		return nil, err
	}
	a.keep(w.settings)
	if err := w.choose(); err != nil {
		return nil, err
	}
	if err := w.openStores(); err != nil {
		return nil, err
	}
	return w, w.openRing()
}

func (w *workspace) openRing() (err error) {
	a := w.app
	w.ring, err = keystore.Open(w.places.Keys.Path, keystore.Options{
		AllowOpen:   a.getenv("NKEEP_ALLOW_OPEN_KEYS") == "1",
		NoGitIgnore: a.isSet("NSC_NO_GIT_IGNORE"),
		Files:       a.env.Files,
	})
	if err == nil {
		a.keep(w.ring)
	}
	return err
}

func (w *workspace) openStores() (err error) {
	w.root, err = jwtstore.Open(w.places.Stores.Path, w.app.env.Files)
	if err == nil {
		w.app.keep(w.root)
	}
	return err
}

// keep has what was opened closed at the end of the run: tests have many runs in
// one process.
func (a *app) keep(opened jwtstore.Participant) { a.opened = append(a.opened, opened) }

// close gives back what the run has opened.
func (a *app) close() {
	for _, p := range a.opened {
		_ = p.Dir().Close() // nothing that was written hangs on it
	}
}

// settle finishes a change that was interrupted. While somebody else holds the
// lock there is nothing to finish: that change is under way.
func (w *workspace) settle(ctx context.Context) error {
	if !w.root.Dir().Pending() && !w.ring.Dir().Pending() && !w.settings.Dir().Pending() {
		return nil
	}
	brief, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	err := w.update(brief, func(*change) error { return nil })
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	case errors.Is(err, fs.ErrPermission):
		w.app.out.Warnf("an interrupted change waits to be finished, and cannot be: %v", err)
		return nil
	}
	return err
}

// change is a transaction over the tokens, the keys and the selection.
type change struct {
	w      *workspace
	tokens *jwtstore.Tx
	keys   *keystore.Tx
	server *courier // to the account server of a managed store
}

// update runs fn and writes what it staged, all or nothing, holding the locks
// of all three directories meanwhile; see package safefile for the promise.
func (w *workspace) update(ctx context.Context, fn func(*change) error) error {
	begun := w.app.noteLater(time.Second, "waiting for another nkeep that is changing the store, or mending what one has left")
	defer begun()
	var writing *render.Progress
	server := newCourier(ctx, func() (*resolver.HTTP, error) { return w.app.http(handoverTime) })
	defer server.close()
	err := w.root.Update(ctx, func(tx *jwtstore.Tx) error {
		begun()
		if err := fn(&change{w: w, tokens: tx, keys: w.ring.In(tx.Shared()), server: server}); err != nil {
			return err
		}
		staged := tx.Shared()
		writing = w.app.out.Progress(staged.Steps(), "writing files")
		staged.Watch(func() { writing.Add(1) })
		return ctx.Err() // told to stop before anything is written: nothing is
	}, w.ring, w.settings)
	if writing != nil {
		writing.Done()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("change the store: %w", err)
	}
	if err != nil {
		w.app.warnTaken(server.taken)
	}
	return err
}

// noteLater tells something unless it is stopped within a while. Once stop has
// returned, nothing is written any more.
func (a *app) noteLater(after time.Duration, note string) (stop func()) {
	told := make(chan struct{})
	timer := time.AfterFunc(after, func() {
		defer close(told)
		a.out.Notef("%s", note)
	})
	return sync.OnceFunc(func() {
		if !timer.Stop() {
			<-told
		}
	})
}

// choose settles which operator and account are selected.
func (c *change) choose(operator, account string) error {
	w := c.w
	if w.app.isSet("NSC_CWD_ONLY") { // nsc.json is neither read nor written then
		return nil
	}
	next := jwtstore.Selection{StoreRoot: w.places.Stores.Path, Operator: operator, Account: account}
	saved, ok, err := w.settings.Load()
	if err != nil {
		return err
	}
	if w.app.flags.dataDir != "" && ok && saved.StoreRoot != "" { // --data-dir is for one run
		next.StoreRoot = saved.StoreRoot
		if saved.StoreRoot != w.places.Stores.Path {
			return nil
		}
	}
	if ok && saved == next {
		return nil
	}
	return w.settings.Stage(c.tokens.Shared(), next, w.app.env.Now().Unix())
}

// savedHere is the saved selection; ok is false where it is not of this operator in
// this store.
func (w *workspace) savedHere(operator string) (saved jwtstore.Selection, ok bool, err error) {
	saved, ok, err = w.settings.Load()
	elsewhere := saved.StoreRoot != "" && saved.StoreRoot != w.places.Stores.Path
	return saved, ok && !elsewhere && saved.Operator == operator, err
}
