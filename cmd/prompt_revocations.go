package cmd

import (
	"slices"

	"github.com/nats-io/jwt/v2"
)

func revocationScripts() map[string]script {
	at := question{flag: "at", text: "Revoke what was issued until", help: "A time (2027-01-31T15:04:05Z), or Unix seconds; leave empty for now."}
	listed := []question{askAccount("Account")}
	return map[string]script{
		"revocations add-user": {
			first: []question{askAccount("Account of the users"), askRevoked("Users to revoke", withAll(offer(userNames), "all users")), at},
			last:  []question{signAgain(operatorKeys)},
		},
		"revocations delete-user": {
			first: []question{askAccount("Account of the users"), askRevoked("Revocation to delete", revokedUsers)},
			last:  []question{signAgain(operatorKeys)},
		},
		"revocations list-users":       {first: listed},
		"revocations list-activations": {first: listed},
		"revocations add-activation": {
			first: []question{
				askAccount("Account that exports"),
				{flag: "subject", text: "Export", required: true, free: true, options: exportsOf("account", false)},
				{flag: "target-account", text: "Account whose activations to revoke", required: true, free: true, options: withAll(ifKnown(offer(others(accountNames))), "all accounts")},
				at,
			},
			last: []question{signAgain(operatorKeys)},
		},
		"revocations delete-activation": {
			first: []question{
				askAccount("Account that exports"),
				{flag: "subject", text: "Export", required: true, free: true, options: exportsOf("account", false)},
				{flag: "target-account", text: "Account whose activations are good again", required: true, free: true, options: revokedAccounts},
			},
			last: []question{signAgain(operatorKeys)},
		},
	}
}

func askRevoked(text string, options func(*dialogue) ([]option, error)) question {
	return question{text: text, required: true, many: true, free: true, unless: []string{"from", "name", "user-public-key"}, options: options}
}

func revokedUsers(d *dialogue) ([]option, error) {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, err
	}
	return keysRevoked(ac.Revocations), nil
}

func revokedAccounts(d *dialogue) ([]option, error) {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, err
	}
	for _, x := range ac.Exports {
		if x != nil && string(x.Subject) == d.value("subject") {
			return keysRevoked(x.Revocations), nil
		}
	}
	return nil, nil
}

func keysRevoked(list jwt.RevocationList) []option {
	var keys []string
	for key := range list {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return toOptions(keys)
}
