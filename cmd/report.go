package cmd

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"nkeep/claims"
	"nkeep/render"
)

// What happened to an entity.
const (
	actionAdded     = "added"
	actionEdited    = "edited"
	actionUnchanged = "unchanged"
	actionImported  = "imported"
	actionUpgraded  = "upgraded" // from an older version of the format
	actionReplaced  = "replaced"
	actionDeleted   = "deleted"
	actionRenamed   = "renamed"
	actionReissued  = "reissued"
	actionMoved     = "moved" // has its files elsewhere, for what it belongs to was renamed
	actionRevoked   = "revoked"
	actionRestored  = "restored" // is not revoked any more
)

// report is the result of a command that changes things.
type report struct {
	DryRun   bool      `json:"dry_run,omitempty"` // nothing was changed: that is what would be
	Entities []entity  `json:"entities"`
	Push     *pushView `json:"push,omitempty"`
	// Removal is what became of a deleted account on servers.
	Removal *removalView `json:"removal,omitempty"`
}

// entity is what became of one operator, account, user, key, export, import or activation.
type entity struct {
	Action    string          `json:"action"`
	Kind      string          `json:"kind"`
	Name      string          `json:"name"`
	Operator  string          `json:"operator,omitempty"`
	Account   string          `json:"account,omitempty"`
	Subject   string          `json:"subject,omitempty"` // of an export, as the exporting account knows it
	From      string          `json:"from,omitempty"`    // whom an import comes from: a name, or the public key of one that is not in the store
	PublicKey string          `json:"public_key"`
	Issuer    string          `json:"issuer,omitempty"`
	Expires   render.Time     `json:"expires"`
	Keys      []madeKey       `json:"signing_keys"`
	Files     []madeFile      `json:"files"`
	Changes   []claims.Change `json:"changes"`
	Revoked   render.Time     `json:"revoked_at,omitzero"`      // what was issued until then is revoked
	Deletion  *deletion       `json:"deletion,omitempty"`       // of what was deleted
	Server    *handover       `json:"account_server,omitempty"` // what became of an account there
}

// madeKey is a signing key that was generated or recorded.
type madeKey struct {
	PublicKey string `json:"public_key"`
	Stored    bool   `json:"stored"`
}

// madeFile is a file that was written. What names its content: token, key or creds.
type madeFile struct {
	What string `json:"what"`
	Path string `json:"path"`
}

func (e *entity) file(what, path string) { e.Files = append(e.Files, madeFile{what, path}) }

// Text implements [render.View].
func (r report) Text(t *render.Text) {
	if r.DryRun {
		t.Linef("dry run: nothing is changed; otherwise this would be:")
	}
	for _, e := range r.Entities {
		t.Linef("%s %s %q", e.Action, e.Kind, e.Name)
		e.text(t)
	}
	r.Push.text(t)
	if r.Removal != nil {
		r.Removal.Text(t)
	}
}

func (e entity) text(t *render.Text) {
	line := func(label, value string) {
		if value != "" {
			t.Linef("  %-11s %s", label, value)
		}
	}
	line("account", e.Account)
	line("from", e.From)
	line("subject", e.Subject)
	line("public key", e.PublicKey)
	for _, k := range e.Keys {
		if k.Stored {
			line("signing key", k.PublicKey)
		} else {
			line("signing key", k.PublicKey+" (its seed is not stored here)")
		}
	}
	if e.Issuer != e.PublicKey {
		line("signed by", e.Issuer)
	}
	if !e.changes("exp") { // which says it
		line("expires", e.Expires.String())
	}
	if e.Revoked != 0 {
		line("revoked", "what was issued until "+e.Revoked.String())
	}
	t.Changes(e.Changes, "")
	if e.Server != nil {
		e.Server.text(t)
	}
	for _, f := range slices.SortedStableFunc(slices.Values(e.Files), func(a, b madeFile) int { return cmp.Compare(a.What, b.What) }) {
		line(f.What, f.Path)
	}
	if e.Deletion != nil {
		e.Deletion.text(line)
	}
}

// changes reports whether a field changed.
func (e entity) changes(field string) bool {
	return slices.ContainsFunc(e.Changes, func(c claims.Change) bool { return c.Field == field })
}

// explicit fills in what JSON claims leave out: a limit of 0 and a switch that is
// off are absent there, which must not read as "no limit".
func explicit(changes []claims.Change) []claims.Change {
	// Of a zero that is written and was not before there is nothing to tell, unless
	// that is all there is.
	told := slices.DeleteFunc(slices.Clone(changes), func(c claims.Change) bool {
		return !isTime(c.Field) && (c.From == nil && isZero(c.To) || c.To == nil && isZero(c.From))
	})
	if len(told) == 0 {
		told = changes
	}
	for i := range told {
		c := &told[i]
		if isTime(c.Field) {
			continue
		}
		c.From, c.To = zeroLike(c.From, c.To), zeroLike(c.To, c.From)
	}
	return told
}

func isZero(v any) bool { return v == json.Number("0") || v == false }

func zeroLike(v, other any) any {
	if v != nil {
		return v
	}
	switch other.(type) {
	case json.Number:
		return render.Unset{Zero: json.Number("0")}
	case bool:
		return render.Unset{Zero: false}
	}
	return nil
}

func isTime(field string) bool {
	return field == "exp" || field == "nbf" || strings.HasPrefix(field, "nats.revocations.") ||
		strings.HasPrefix(field, "nats.exports[") && strings.Contains(field, "].revocations.")
}
