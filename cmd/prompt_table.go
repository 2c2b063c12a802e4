package cmd

import (
	"maps"
	"strings"

	"nkeep/claims"
)

// scripts are the questions of all commands that ask some.
func scripts() map[string]script {
	all := map[string]script{}
	for _, family := range []map[string]script{addScripts(), editScripts(), deleteScripts(), revocationScripts(), generateScripts(), toolScripts(), transferScripts(), otherScripts()} {
		maps.Copy(all, family)
	}
	return all
}

// The questions that several commands share.

func askAccount(text string) question {
	return question{flag: "account", text: text, options: offer(accountNames), initial: currentAccount}
}

func askNamedAccount() question {
	return question{flag: "name", text: "Account", options: offer(accountNames), initial: currentAccount}
}

func askNewName(what string, taken namer) question {
	return question{flag: "name", text: "Name of the " + what, required: true, unless: []string{"from"}, check: newName(taken)}
}

// askUsers asks for users; one that is gone can be named, too.
func askUsers(flag, text string, all bool) question {
	q := question{flag: flag, text: text, required: true, many: true, free: true, unless: []string{"from"}, options: offer(userNames)}
	if all {
		q.options = withAll(offer(userNames), "all users, also those to come")
	}
	return q
}

func withAll(list func(*dialogue) ([]option, error), about string) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		options, err := list(d)
		return append(options, option{"*", about}), err
	}
}

func askNewKey(flag string) question {
	return question{
		flag: flag, text: "Identity key",
		help: "A public key, or a file that holds a seed; - to type a seed, which is not shown; leave empty to generate one.",
	}
}

func askTimes() []question {
	const help = "A date (2027-01-31), a time (2027-01-31 15:04:05 UTC), or a span from now (30d, 6M, 1y); leave empty for none."
	return []question{{flag: "start", text: "Not valid before", help: help}, {flag: "expiry", text: "Not valid after"}}
}

func editTimes() topic {
	return topic{"validity", []question{
		{flag: "start", text: "Not valid before", help: "A date, a time, or a span from now (30d, 6M, 1y); 0 for none; leave empty to keep what is."},
		{flag: "expiry", text: "Not valid after"},
	}}
}

// signNew asks which key signs something new.
func signNew(candidates keyList) question {
	return question{flag: "private-key", text: "Sign with", options: signers(candidates), initial: storedFirst, implied: true, only: true}
}

// signAgain asks which key signs something that is signed already.
func signAgain(candidates keyList) question {
	return question{
		flag: "private-key", text: "Sign with", help: "Leave empty for the key that signed it last.",
		options: withoutNeed(signers(candidates)),
	}
}

// withoutNeed offers nothing where the one key that is not stored is not needed.
func withoutNeed(list func(*dialogue) ([]option, error)) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		options, err := list(d)
		if len(options) == 1 && options[0].value != "-" {
			return nil, err
		}
		return options, err
	}
}

func askTags() topic {
	return topic{"tags", []question{{flag: "tag", text: "Tags", many: true, check: each(parsed(claims.ParseTag))}}}
}

func askPermissions() topic {
	publish, subscribe := each(parsed(claims.ParsePublish)), each(parsed(claims.ParseSubscribe))
	return topic{"permissions", []question{
		{flag: "allow-pub", text: "Allow publishing to", help: "Subjects, separated by commas; leave empty for no change.", many: true, check: publish},
		{flag: "allow-sub", text: "Allow subscribing to", many: true, check: subscribe},
		{flag: "deny-pub", text: "Deny publishing to", many: true, check: publish},
		{flag: "deny-sub", text: "Deny subscribing to", many: true, check: subscribe},
		{flag: "allow-pub-response", text: "Replies to a request that may be published"},
		{flag: "response-ttl", text: "How long replies may follow a request (5s, 1m)", when: func(d *dialogue) bool { return d.c.Flags().Changed("allow-pub-response") }},
	}}
}

// splitList are the parts of an answer that may have several.
func splitList(answer string) []string {
	parts := strings.Split(answer, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return parts
}
