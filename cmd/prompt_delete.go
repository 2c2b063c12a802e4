package cmd

import (
	"slices"
	"strconv"
	"strings"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

func deleteScripts() map[string]script {
	gone := []question{
		{flag: "rm-nkey", text: "Remove the seeds, too?", yesNo: true},
		{flag: "rm-creds", text: "Remove the creds, too?", yesNo: true},
	}
	return map[string]script{
		"delete operator": {
			alone:   true,
			first:   []question{{flag: "name", text: "Operator to delete", required: true, options: offer(operatorNames)}},
			last:    gone,
			destroy: doomedOperator,
		},
		"delete account": {
			first:   []question{{flag: "name", text: "Account to delete", required: true, options: offer(accountNames)}},
			last:    gone,
			destroy: doomedAccount,
		},
		"delete user": {
			first:   []question{askAccount("Account of the users"), askUsers("name", "Users to delete", false)},
			last:    append([]question{{flag: "revoke", text: "Revoke what was issued to them?", yesNo: true, initial: always(yes)}}, gone...),
			destroy: doomed,
		},
		"delete export": {
			first: []question{
				askAccount("Account that exports"),
				{flag: "subject", text: "Export to delete", required: true, unless: []string{"name"}, options: exportsOf("account", false)},
			},
			last:    []question{signAgain(operatorKeys)},
			destroy: doomed,
		},
		"delete import": {
			first: []question{
				askAccount("Account that imports"),
				{flag: "subject", text: "Import to delete", required: true, unless: []string{"name"}, options: importsOf},
				{flag: "src-account", text: "Account that it comes from", unless: []string{"name"}, options: sources, only: true, when: severalSources},
			},
			last:    []question{signAgain(operatorKeys)},
			destroy: doomed,
		},
		"delete mapping": {
			first: []question{
				askAccount("Account that maps"),
				{flag: "from", text: "Mapping to delete", required: true, options: offer(ofAccount("account", mapped))},
				{flag: "to", text: "Target to delete", help: "Leave empty for all of them.", options: targetsOf},
			},
			last:    []question{signAgain(operatorKeys)},
			destroy: doomed,
		},
	}
}

// exportsOf offers the exports of the account that a flag names.
func exportsOf(flag string, private bool) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		ac, err := d.accountClaims(flag)
		if err != nil {
			return nil, err
		}
		var options []option
		for _, x := range ac.Exports {
			if x == nil || private && !x.TokenReq {
				continue
			}
			about := x.Type.String()
			if x.TokenReq {
				about = "private " + about
			}
			if x.Name != string(x.Subject) {
				about += " " + x.Name
			}
			options = append(options, option{string(x.Subject), about})
		}
		return options, nil
	}
}

// importsOf offers the imports of the account, each subject once.
func importsOf(d *dialogue) ([]option, error) {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, err
	}
	var options []option
	seen := map[string]bool{}
	for _, im := range ac.Imports {
		if im == nil || seen[string(claims.RemoteSubject(im))] {
			continue
		}
		subject := string(claims.RemoteSubject(im))
		seen[subject] = true
		options = append(options, option{subject, im.Type.String() + " " + im.Name})
	}
	return options, nil
}

// sources offers the accounts that what is named comes from.
func sources(d *dialogue) ([]option, error) {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, err
	}
	var options []option
	for _, im := range ac.Imports {
		if im != nil && string(claims.RemoteSubject(im)) == d.value("subject") {
			options = append(options, option{im.Account, im.Type.String() + " " + im.Name})
		}
	}
	return options, nil
}

func severalSources(d *dialogue) bool {
	options, err := sources(d)
	return err == nil && len(options) > 1
}

// targetsOf offers where the mapping that is named leads to.
func targetsOf(d *dialogue) ([]option, error) {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, err
	}
	var options []option
	for _, t := range ac.Mappings[jwt.Subject(d.value("from"))] {
		options = append(options, option{string(t.Subject), t.Cluster})
	}
	return options, nil
}

// doomed is what is going to be deleted.
func doomed(d *dialogue) string {
	what := strings.TrimPrefix(commandName(d.c), "delete ")
	names := slices.Clone(d.args)
	for _, flag := range []string{"name", "subject", "from", "to"} {
		if f := d.c.Flags().Lookup(flag); f != nil && f.Changed {
			names = append(names, valuesOf(f)...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for i, name := range names {
		names[i] = strconv.Quote(name)
	}
	return what + " " + firstOf(names, 10)
}

// doomedOperator is an operator, and what goes with it.
func doomedOperator(d *dialogue) string {
	store, err := d.w.root.Operator(d.value("name"))
	if err != nil {
		return doomed(d)
	}
	names, err := store.AccountNames()
	if err != nil || len(names) == 0 {
		return doomed(d)
	}
	return doomed(d) + " and " + plural(len(names), "account") + ", " + firstOf(names, 10) + ", with all users"
}

// doomedAccount is an account, and what goes with it.
func doomedAccount(d *dialogue) string {
	store, name, err := d.w.accountIn(d.c, "name")
	if err != nil {
		return doomed(d)
	}
	names, err := store.UserNames(name)
	if err != nil || len(names) == 0 {
		return doomed(d)
	}
	return doomed(d) + " and " + plural(len(names), "user") + ", " + firstOf(names, 10)
}
