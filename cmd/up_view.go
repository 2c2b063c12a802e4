package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nkeep/render"
)

// upView is what runs, and what was proven.
type upView struct {
	URL         string          `json:"url"`
	Operator    string          `json:"operator"`
	Dir         string          `json:"data_dir"`
	Conf        string          `json:"config"`
	Provisioned []string        `json:"provisioned"`
	Accounts    int             `json:"accounts"`
	Pushed      int             `json:"pushed"`
	Users       []upCreds       `json:"users"`
	Commands    []string        `json:"commands"`
	Checks      []upCheck       `json:"checks"`
	Next        []render.Advice `json:"next"`
}

// upCreds is a user that can log in.
type upCreds struct {
	Account string `json:"account"`
	User    string `json:"user"`
	Creds   string `json:"creds"`
}

// upCheck is one thing that was proven, or not.
type upCheck struct {
	What   string        `json:"what"`
	OK     bool          `json:"ok"`
	Detail render.Advice `json:"detail"`
}

// maxUpCreds bounds how many users are shown.
const maxUpCreds = 5

// describe fills in where the server is and who can log in.
func (o *up) describe(w *workspace, op *operator, s *upServer, v *upView) error {
	v.URL, v.Operator, v.Dir, v.Conf = s.url(), op.store.Name, s.dir, s.conf
	sys, err := op.systemAccount()
	if err != nil {
		return err
	}
	accounts := []string{sys.name}
	if current, err := w.accountName(op.store, ""); err == nil && current != sys.name {
		accounts = []string{current, sys.name}
	}
	for _, account := range accounts {
		names, err := op.store.UserNames(account)
		if err != nil {
			return err
		}
		for _, name := range names[:min(maxUpCreds, len(names))] {
			if ok, err := w.ring.HasCreds(op.store.Name, account, name); ok && err == nil {
				v.Users = append(v.Users, upCreds{account, name, w.ring.CredsPath(op.store.Name, account, name)})
			}
		}
	}
	if !o.check && len(v.Users) > 0 && v.Users[0].Account != sys.name {
		nats := fmt.Sprintf("nats --server %s --creds %q ", v.URL, v.Users[0].Creds)
		v.Commands = []string{nats + `subscribe "demo.>"`, nats + "publish demo.hello hello", nats + `request '$SYS.REQ.USER.INFO' ""`}
	}
	v.Next = []render.Advice{"nkeep up", "nkeep add user NAME", "nkeep list accounts"}
	return nil
}

func (v *upView) checked(what string, err error, detail string) {
	c := upCheck{What: what, OK: err == nil, Detail: render.Advice(detail)}
	if err != nil {
		c.Detail = render.Advice(err.Error())
		if hint := hintOf(err); hint != "" {
			c.Detail += "; " + render.Advice(hint)
		}
	}
	v.Checks = append(v.Checks, c)
}

func (v *upView) err() error {
	var failed []string
	for _, c := range v.Checks {
		if !c.OK {
			failed = append(failed, c.What)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return errors.New("check failed: " + strings.Join(failed, ", "))
}

// Text implements [render.View].
func (v *upView) Text(t *render.Text) {
	for _, p := range v.Provisioned {
		t.Linef("made %s", p)
	}
	t.Linef("server   %s", v.URL)
	t.Linef("data     %s", v.Dir)
	t.Linef("accounts %d of %d pushed", v.Pushed, v.Accounts)
	for _, u := range v.Users {
		t.Linef("creds    %s/%s: %s", u.Account, u.User, u.Creds)
	}
	if len(v.Checks) > 0 {
		v.report(t)
		return
	}
	if len(v.Commands) > 0 {
		t.Linef("")
		t.Linef("try:")
		for _, c := range v.Commands {
			t.Linef("  %s", c)
		}
	}
	t.Linef("")
}

func (v *upView) report(t *render.Text) {
	t.Linef("")
	for _, c := range v.Checks {
		mark := "ok  "
		if !c.OK {
			mark = "FAIL"
		}
		t.Linef("%s %s: %s", mark, c.What, c.Detail)
	}
	if v.err() != nil {
		return
	}
	t.Linef("")
	t.Linef("next:")
	for _, n := range v.Next {
		t.Linef("  %s", n)
	}
}

// upEvent is an event on the server that runs.
type upEvent struct{ eventView }

// MarshalJSON implements [json.Marshaler].
func (v upEvent) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Time    render.Time `json:"time"`
		Kind    string      `json:"kind"`
		Account string      `json:"account"` // by name
		User    string      `json:"user"`    // likewise
		Client  string      `json:"client"`
		Host    string      `json:"host"`
		Reason  string      `json:"reason"`
	}{v.Time, string(v.Kind), v.Account, v.User, v.Client, v.Event.Client.Host, v.Reason})
}
