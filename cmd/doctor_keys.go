package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"nkeep/keystore"
	"nkeep/render"
)

// seenSeed is a file that should hold a seed.
type seenSeed struct{ keystore.Found }

// secret looks at one thing in the keystore.
func (x *examination) secret(f keystore.Found) {
	x.secretAccess(f)
	switch f.Kind {
	case keystore.FoundSeed:
		x.mu.Lock()
		x.checked.Seeds++
		x.seeds[f.File] = seenSeed{f}
		x.stored[f.Holds] = true
		x.mu.Unlock()
	case keystore.FoundCreds:
		x.userCreds(f)
	case keystore.FoundLeftover:
		x.leftover(x.w.ring, f.File, f.Path, f.Operator)
	case keystore.FoundDir:
		if f.Empty {
			x.emptyDir(x.w.ring, f.File, f.Path, f.Operator)
		} else if f.Err != nil {
			x.add(finding{What: "unreadable-directory", Severity: severityError, File: f.Path, operator: f.Operator, Problem: why(f.Err)})
		}
	default:
	}
}

// secretAccess reports who else can get at secrets. Where secrets are mounted
// open, that is on purpose.
func (x *examination) secretAccess(f keystore.Found) {
	if x.getenv("NKEEP_ALLOW_OPEN_KEYS") == "1" {
		return
	}
	operator := x.operatorOf(f)
	found := finding{What: "open-" + string(f.Kind), Severity: severityError, File: f.Path, operator: operator, Problem: "can be read or changed by others"}
	switch f.Kind {
	case keystore.FoundSeed, keystore.FoundCreds:
		if f.Open(0o077) {
			x.open(x.w.ring, f.File, found)
		}
	case keystore.FoundDir:
		found.What = "open-key-directory"
		found.Problem = "can be written by others, who can replace the keys in it"
		if f.Open(0o022) {
			x.open(x.w.ring, f.File, found)
		} else if f.Open(0o055) && f.File != "." {
			found.Severity, found.Problem = severityNote, "can be listed by others"
			x.open(x.w.ring, f.File, found)
		}
	default:
		return
	}
	x.owner(f, f.Path, operator)
}

// operatorOf is the operator to which something in the keystore belongs.
func (x *examination) operatorOf(f keystore.Found) string {
	if f.Kind == keystore.FoundSeed {
		return x.used[f.Holds]
	}
	return f.Operator
}

// judgeKeys looks at all seeds, and at those that are not there.
func (x *examination) judgeKeys() {
	if x.oldRing {
		x.add(finding{
			What: "old-keyring", Severity: severityError, File: x.w.ring.Dir().Path(),
			Problem: "holds keys in the layout of 2019", Hint: "move them to the present one with: nkeep keys migrate",
		})
	}
	var moving refiling
	for _, file := range slices.Sorted(maps.Keys(x.seeds)) {
		f := x.seeds[file].Found
		switch {
		case f.Err != nil:
			x.badSeed(f)
		case f.Right != f.File:
			x.misfiled(f, &moving)
		}
		if f.Holds != "" && x.used[f.Holds] == "" {
			x.orphanSeed(f)
		}
	}
	for _, ac := range slices.SortedFunc(maps.Values(x.accounts), func(a, b *seenAccount) int { return a.compare(b.entityPlace) }) {
		if !x.stored[ac.claims.Subject] && !x.oldRing {
			x.add(finding{
				What: "no-seed", Severity: severityNote, File: ac.file, operator: ac.operator,
				Problem: fmt.Sprintf("the seed of its identity, %s, is not in the keystore", ac.claims.Subject),
			})
		}
	}
}

func (x *examination) badSeed(f keystore.Found) {
	bad := finding{What: "bad-seed", Severity: severityError, File: f.Path, operator: x.used[f.Public], Problem: why(f.Err)}
	if useless(f, f.Err) {
		bad = quarantined(x.w.ring, f.File, bad)
	}
	x.add(bad)
}

// useless tells a file that holds nothing good from one that could not be read this time.
func useless(t thing, err error) bool {
	_, system := errors.AsType[*fs.PathError](err)
	return t.Unfit() || !system
}

// refiling moves seeds to where they belong, all of them together: two may stand
// in each other's places.
type refiling struct {
	seeds []keystore.Found
	done  bool
}

// stage does so for whichever finding comes first.
func (r *refiling) stage(c *change) error {
	if r.done {
		return nil
	}
	r.done = true
	return c.keys.Refile(r.seeds)
}

// misfiled reports a seed that is not where it belongs.
func (x *examination) misfiled(f keystore.Found, moving *refiling) {
	found := finding{
		What: "misplaced-seed", Severity: severityWarning, File: f.Path, operator: x.used[f.Holds],
		Problem: "is not where the seed of " + f.Holds + " belongs", Fix: "moves it to " + x.w.ring.Path(f.Holds),
	}
	if f.Public != "" && f.Public != f.Holds {
		found.What, found.Severity, found.Problem = "wrong-seed", severityError, "holds the seed of another key, "+f.Holds
	}
	if there, ok := x.seeds[f.Right]; ok && there.Err != nil && !useless(there, there.Err) {
		found.Fix, found.Hint = "", "its place is taken by a file that cannot be read"
		x.add(found)
		return
	}
	found.mend = staged(moving.stage)
	if x.add(found) {
		moving.seeds = append(moving.seeds, f)
	}
}

func (x *examination) orphanSeed(f keystore.Found) {
	found := finding{
		What: "orphan-seed", Severity: severityNote, File: f.Path,
		Problem: fmt.Sprintf("%s is the key of nothing here", f.Holds),
		Hint:    "it may be that of stores elsewhere; if not: nkeep doctor --fix --orphans",
	}
	switch {
	case x.unread > 0:
		found.Hint = render.Advice(fmt.Sprintf("it may be that of one of %d tokens that cannot be read", x.unread))
	case x.orphans && f.Right == f.File:
		found = quarantined(x.w.ring, f.File, found)
	}
	x.add(found)
}
