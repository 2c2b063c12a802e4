package cmd

import (
	"context"
	"fmt"

	"nkeep/render"

	"github.com/spf13/cobra"
)

type envCommand struct {
	*app
	store, operator, account string
}

func newEnv(a *app) *cobra.Command {
	o := &envCommand{app: a}
	c := &cobra.Command{
		Use:   "env",
		Short: "Show which directories and which selection are used, and why",
		Long: `Show which directories, operator and account commands use, and why these; with
flags, save others first. All flags of one command are saved together or not at all.`,
		Example: "  nkeep env\n  nkeep env -o ACME -a ORDERS",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.store != "" || o.operator != "" || o.account != "" {
				if err := o.save(c.Context()); err != nil {
					return err
				}
			}
			return o.show(c.Context())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.store, "store", "s", "", "use the stores in this directory from now on")
	f.StringVarP(&o.operator, "operator", "o", "", "select this operator")
	f.StringVarP(&o.account, "account", "a", "", "select this account")
	a.completeOperators(c, "operator")
	a.completeAccounts(c, "account")
	return c
}

// envView is the environment of a run.
type envView struct {
	places
	Operator  string        `json:"operator"`
	Account   string        `json:"account"`
	Why       string        `json:"selection_why"`
	Variables []envVariable `json:"variables"`
}

type envVariable struct {
	Name  string `json:"name"`
	Set   bool   `json:"set"`
	Value string `json:"value,omitempty"`
}

// Text implements [render.View].
func (v envView) Text(t *render.Text) {
	table := render.Table{Title: "Environment", Columns: render.Columns("Setting", "Value", "Why")}
	table.Add("Configuration", v.Config.Path, v.Config.Why)
	table.Add("Stores", v.Stores.Path, v.Stores.Why)
	table.Add("Keystore", v.Keys.Path, v.Keys.Why)
	table.Add("Operator", orNone(v.Operator), v.Why)
	table.Add("Account", orNone(v.Account), "")
	t.Table(table)
	vars := render.Table{Title: "Environment Variables", Columns: render.Columns("Name", "Set", "Value")}
	for _, e := range v.Variables {
		set := "no"
		if e.Set {
			set = "yes"
		}
		vars.Add(e.Name, set, e.Value)
	}
	t.Table(vars)
}

func (o *envCommand) show(ctx context.Context) error {
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	v := envView{places: w.places, Why: w.why, Operator: w.selected.Operator, Account: w.selected.Account}
	if store, err := w.operatorStore(""); err == nil {
		if v.Operator != store.Name {
			v.Operator, v.Account, v.Why = store.Name, "", "the only operator there is"
		}
		if v.Account, err = w.accountName(store, ""); err != nil {
			v.Account = ""
		}
	} else if v.Operator != "" {
		o.out.Warnf("operator %q is selected, but not there", v.Operator)
	}
	for _, name := range variables() {
		value, set := o.env.LookupEnv(name)
		v.Variables = append(v.Variables, envVariable{name, set, value})
	}
	return o.out.Show(v)
}

// variables are those of the environment that a run depends on, whatever the command.
func variables() []string {
	return []string{
		"NATS_CA", "NATS_CERT", "NATS_KEY", "NKEEP_ALLOW_OPEN_KEYS", "NKEYS_PATH", "NO_COLOR",
		"NSC_CWD_ONLY", "NSC_HOME", "NSC_NO_GIT_IGNORE", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	}
}

// save selects what was asked for, after all of it has been found.
func (o *envCommand) save(ctx context.Context) error {
	if o.isSet("NSC_CWD_ONLY") {
		return usagef("NSC_CWD_ONLY is set: the selection is neither read nor saved")
	}
	if o.store != "" && !isDir(o.path(o.store)) {
		err := usagef("--store: %q is not a directory", o.store)
		if !exists(o.path(o.store)) {
			return withHint(err, "make it first: mkdir -p %q", o.path(o.store))
		}
		return err
	}
	w, err := o.openAt(ctx, o.store)
	if err != nil {
		return err
	}
	return w.saveSelection(ctx, o.operator, o.account)
}

// saveSelection selects an operator and an account of it. One that is not named
// stays, or becomes the only one there is; of several none is selected.
func (w *workspace) saveSelection(ctx context.Context, operator, account string) error {
	return w.update(ctx, func(c *change) error {
		store, err := w.operatorStore(operator)
		if err != nil {
			if operator != "" || account != "" {
				return err
			}
			w.selected.Operator, w.selected.Account = "", ""
			return c.choose("", "")
		}
		if account == "" {
			if account, err = w.accountName(store, ""); err != nil {
				account = ""
			}
		} else if _, err := store.Account(account); err != nil {
			return withHint(fmt.Errorf("operator %q: %w", store.Name, err), "list accounts with: nkeep list accounts -o %q", store.Name)
		}
		w.selected.Operator, w.selected.Account = store.Name, account
		return c.choose(store.Name, account)
	})
}
