package cmd

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"nkeep/jwtstore"
)

const (
	whatPending = "pending-change"
	whatStuck   = "stuck-change"
)

// roots are the directories in which changes are made, each once.
func (w *workspace) roots() []jwtstore.Participant {
	var out []jwtstore.Participant
	seen := map[string]bool{}
	for _, p := range []jwtstore.Participant{w.root, w.ring, w.settings} {
		if path := p.Dir().Path(); !seen[path] {
			seen[path] = true
			out = append(out, p)
		}
	}
	return out
}

// journals reports changes that were interrupted.
func (x *examination) journals() {
	for _, root := range x.w.roots() {
		for _, i := range root.Dir().Interrupted() {
			x.pending = x.pending || !i.Hopeless
			f := finding{What: whatStuck, Severity: severityError, File: root.Dir().Path(i.Journal)}
			switch {
			case i.Err == nil:
				f.What, f.Severity = whatPending, severityWarning
				f.Problem, f.Fix = "a change was interrupted, or is under way", "finishes it or takes it back, as the next command does"
			case i.Hopeless:
				f.Problem, f.Fix = why(i.Err), "puts it into quarantine, and what it has left"
			default:
				f.Problem, f.Hint = why(i.Err), "until then no command can change anything here"
			}
			x.add(f)
		}
	}
}

// settings looks at the configuration directory and the saved selection.
func (x *examination) settings(ctx context.Context) error {
	if x.isSet("NSC_CWD_ONLY") {
		return nil
	}
	err := x.w.settings.Survey(ctx, func(f jwtstore.Found) {
		switch f.Kind {
		case jwtstore.FoundLeftover:
			x.leftover(x.w.settings, f.File, f.Path, "")
		case jwtstore.FoundSettings:
			x.owner(f, f.Path, "")
			if f.Open(0o022) {
				x.open(x.w.settings, f.File, finding{
					What: "open-settings", Severity: severityWarning, File: f.Path, Problem: "can be changed by others, who then choose the store you work on",
				})
			}
		default:
		}
	})
	if err != nil {
		return err
	}
	x.selection()
	return nil
}

// brokenSettings are put away, unless they may say where the stores are: nothing
// else does.
func (x *examination) brokenSettings(f finding, err error) {
	s := x.w.settings
	f.What, f.Severity, f.Problem = "broken-settings", severityError, why(err)
	switch {
	case errors.Is(err, fs.ErrPermission):
	case s.Mentions("store_root"):
		f.Hint = "mend it by hand: it says where the stores are; or move it away, and choose them anew with: nkeep env -s DIR"
	default:
		f = quarantined(s, filepath.Base(s.Path()), f)
	}
	x.add(f)
}

// selection checks that what is selected is there.
func (x *examination) selection() {
	s := x.w.settings
	saved, ok, err := s.Load()
	f := finding{File: s.Path(), Severity: severityWarning}
	if err != nil {
		x.brokenSettings(f, err)
		return
	}
	fixed := x.flags.allDirs != "" || x.flags.dataDir != ""
	if !ok || x.flags.dataDir != "" && saved.StoreRoot != x.w.places.Stores.Path {
		return
	}
	next := saved
	switch {
	case !fixed && saved.StoreRoot != "" && !isDir(saved.StoreRoot):
		f.What, f.Severity = "missing-stores", severityError
		f.Problem, f.Fix = "the stores directory "+saved.StoreRoot+" is not there", "selects "+x.w.places.Stores.Path+" instead"
		f.Hint = "if it is on a disk that is not mounted, mount it instead"
		next = jwtstore.Selection{}
		if isDir(x.w.places.Stores.Path) {
			next.StoreRoot = x.w.places.Stores.Path
		}
	case saved.Operator != "" && x.operators[saved.Operator] == nil:
		f.What, f.Problem, f.Fix = "missing-selection", "selects operator \""+saved.Operator+"\", which is not there", "clears the selection"
		next.Operator, next.Account = "", ""
	case saved.Account != "" && x.accounts[entityPlace{operator: saved.Operator, account: saved.Account}] == nil:
		f.What, f.Problem, f.Fix = "missing-selection", "selects account \""+saved.Account+"\", which is not there or cannot be read", "clears the selection of the account"
		next.Account = ""
	default:
		return
	}
	f.mend = staged(func(c *change) error { return s.Stage(c.tokens.Shared(), next, x.env.Now().Unix()) })
	x.add(f)
}
