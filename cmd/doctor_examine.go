package cmd

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"nkeep/claims"
	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// severity says how grave a finding is.
type severity string

const (
	severityError   severity = "error"   // something does not work
	severityWarning severity = "warning" // something will not work as it seems to
	severityNote    severity = "note"    // something to know
)

// finding is one thing that was found, and how it is mended.
type finding struct {
	What     string        `json:"what"` // its kind, which never changes
	Severity severity      `json:"severity"`
	File     string        `json:"file"`
	Problem  string        `json:"problem"`
	Fix      string        `json:"fix"`  // what --fix does; empty for nothing
	Hint     render.Advice `json:"hint"` // what a person can do

	operator string // in whose directory; empty for none
	mend     remedy
}

// entityPlace is where something of a user or account lies: user is empty for accounts.
type entityPlace struct{ operator, account, user string }

// seenOperator is what an operator's directory says.
type seenOperator struct {
	marked, managed bool
	hasToken        bool
	selfSigned      bool                // an account signed itself
	claims          *jwt.OperatorClaims // nil when nothing can be judged by them
	keys            []string
	system          string
}

// seenAccount is what is kept of an account, whether it can be trusted or not.
type seenAccount struct {
	entityPlace
	file   string
	claims *jwt.AccountClaims // without what takes room
}

// misnamed reports whether the token says that it is another account's: until
// somebody has decided who is who, nothing is moved to it or away from it.
func (ac *seenAccount) misnamed() bool { return !sameName(ac.claims.Name, ac.account) }

func sameName(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// seenUser is what is kept of a user.
type seenUser struct {
	file    string
	subject string
	issued  int64
	sum     [32]byte // of the token
	token   string   // of one that is about to be written

	misnamed bool // the token says that it is another user's
}

// examination goes through all files and collects what is amiss. What it finds
// on its way is kept only as far as later findings depend on it.
type examination struct {
	*doctor
	w       *workspace
	pending bool // an interrupted change explains leftovers
	oldRing bool

	mu        sync.Mutex // guards what follows: files are read in parallel
	findings  []finding
	checked   checked
	operators map[string]*seenOperator
	accounts  map[entityPlace]*seenAccount
	byKey     map[string][]*seenAccount // by identity
	users     map[entityPlace]*seenUser
	byUser    map[string]entityPlace // by identity
	folders   map[entityPlace]string // of accounts, and their paths
	strangers []foreignUser
	damaged   map[entityPlace]finding // users whose tokens cannot be read
	unread    int                     // tokens that say nothing about the keys they use
	used      map[string]string       // keys, and whose they are
	seeds     map[string]seenSeed
	stored    map[string]bool
	creds     map[entityPlace]bool
	roaming   []roamingCreds
}

func (o *doctor) examine(ctx context.Context, w *workspace) (*examination, error) {
	x := &examination{
		doctor: o, w: w, findings: []finding{},
		operators: map[string]*seenOperator{}, accounts: map[entityPlace]*seenAccount{}, byKey: map[string][]*seenAccount{},
		users: map[entityPlace]*seenUser{}, byUser: map[string]entityPlace{}, folders: map[entityPlace]string{},
		damaged: map[entityPlace]finding{}, used: map[string]string{}, seeds: map[string]seenSeed{}, stored: map[string]bool{}, creds: map[entityPlace]bool{},
	}
	x.journals()
	if err := w.root.Survey(ctx, x.token); err != nil {
		return nil, err
	}
	x.judgeTokens()
	if err := x.settings(ctx); err != nil {
		return nil, err
	}
	var err error
	if x.oldRing, err = w.ring.IsOld(); err != nil {
		return nil, err
	}
	if err := w.ring.Survey(ctx, x.secret); err != nil {
		return nil, err
	}
	x.judgeKeys()
	x.judgeCreds()
	x.sort()
	return x, nil
}

// add reports a finding, unless it is of no interest: then it returns false.
func (x *examination) add(f finding) bool {
	if x.operator != "" && f.operator != x.operator && f.What != whatPending && f.What != whatStuck {
		return false
	}
	for _, text := range []*string{&f.File, &f.Problem, &f.Fix} {
		*text = keystore.Redact(*text) // files can have any name
	}
	f.Hint = render.Advice(keystore.Redact(string(f.Hint)))
	x.mu.Lock()
	defer x.mu.Unlock()
	x.findings = append(x.findings, f)
	return true
}

// sort puts the gravest first, and drops what was found twice: one directory
// may serve for everything.
func (x *examination) sort() {
	rank := map[severity]int{severityError: 0, severityWarning: 1, severityNote: 2}
	slices.SortStableFunc(x.findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(rank[a.Severity], rank[b.Severity]), strings.Compare(a.What, b.What), strings.Compare(a.File, b.File), strings.Compare(a.Problem, b.Problem))
	})
	x.findings = slices.CompactFunc(x.findings, func(a, b finding) bool {
		return a.What == b.What && a.File == b.File && a.Problem == b.Problem
	})
}

// thing is what a survey found, of either store.
type thing interface {
	Open(fs.FileMode) bool
	Foreign() bool
	Unfit() bool
}

// owner reports what belongs to somebody else.
func (x *examination) owner(t thing, path, operator string) {
	if t.Foreign() {
		x.add(finding{
			What: "foreign-owner", Severity: severityWarning, File: path, operator: operator,
			Problem: "belongs to another user", Hint: "chown it, or look at how it came here",
		})
	}
}

// leftover reports a file that an interrupted change has left.
func (x *examination) leftover(root jwtstore.Participant, name, path, operator string) {
	if x.pending {
		return
	}
	x.add(quarantined(root, name, finding{
		What: "leftover", Severity: severityWarning, File: path, operator: operator,
		Problem: "was left by an interrupted change",
	}))
}

// emptyDir reports a directory that holds nothing.
func (x *examination) emptyDir(root jwtstore.Participant, name, path, operator string) {
	if name == "." {
		return
	}
	x.add(finding{
		What: "empty-directory", Severity: severityNote, File: path, operator: operator,
		Problem: "holds nothing", Fix: "removes it", mend: remedy{root: root, name: name, how: removeEmpty},
	})
}

// open reports permissions that are wider than need be.
func (x *examination) open(root jwtstore.Participant, name string, f finding) {
	f.Fix, f.mend = "takes all permissions of others away", remedy{root: root, name: name, how: tighten}
	x.add(f)
}

// why is an error without the thing and the path that stand beside it.
func why(err error) string {
	if trust, ok := errors.AsType[*claims.TrustError](err); ok {
		return trust.Reason
	}
	if key, ok := errors.AsType[*keystore.KeyError](err); ok {
		err = key.Err
	}
	return reason(bare(err))
}
