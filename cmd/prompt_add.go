package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

func addScripts() map[string]script {
	return map[string]script{
		"init": {
			alone: true,
			first: []question{
				{flag: "dir", text: "Directory of the stores", help: "Leave empty for the one in use."},
				{flag: "url", text: "Operator", help: "The URL of an operator that others run; leave empty to make one.", free: true, options: wellKnownOperators, unless: []string{"remote-operator", "name"}},
				{flag: "name", text: "Name", help: "That of the account and the user, and of an operator that is made; * invents one.", initial: always("*"), check: newInitName},
			},
			eager: true,
		},
		"add operator": addOperatorScript(),
		"add account": {
			first:  concat([]question{askNewName("account", accountNames), askNewKey("public-key")}, askTimes(), []question{signNew(operatorKeys)}),
			topics: append(accountLimits("leave empty for any number"), askPermissions(), askTags()),
		},
		"add user": {
			first: concat([]question{askAccount("Account of the user"), askNewName("user", userNames), askNewKey("public-key")}, askTimes(),
				[]question{signNew(func(d *dialogue) ([]string, map[string]option, error) { return d.userKeys(true) })}),
			topics: unscoped([]topic{askPermissions(), {"bearer", []question{{flag: "bearer", text: "Let the token suffice, without the key?", yesNo: true}}}, askNetworks()}, askTags()),
		},
		"add export":  addExportScript(),
		"add import":  addImportScript(),
		"add mapping": addMappingScript(),
	}
}

// wellKnownOperators offers where their tokens are served.
func wellKnownOperators(d *dialogue) ([]option, error) {
	var options []option
	for _, k := range d.app.wellKnown() {
		options = append(options, option{k.url, k.name})
	}
	return options, nil
}

// newInitName refuses the names of operators only where one is to be made.
func newInitName(d *dialogue, answer string) error {
	if d.value("url") != "" || d.value("remote-operator") != "" {
		_, err := d.app.newName(answer)
		return err
	}
	return newName(operatorNames)(d, answer)
}

func concat(lists ...[]question) (all []question) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// unscoped leaves out topics about which the role decides that signs the user.
func unscoped(topics []topic, others ...topic) []topic {
	for i := range topics {
		for j := range topics[i].questions {
			q := &topics[i].questions[j]
			when := q.when
			q.when = func(d *dialogue) bool { return !d.scoped() && (when == nil || when(d)) }
		}
	}
	return append(topics, others...)
}

// scoped reports whether a role signs.
func (d *dialogue) scoped() bool {
	ac, err := d.accountClaims("account")
	if err != nil {
		return false
	}
	by := d.value("private-key")
	_, ok := claims.ScopeOf(ac, by)
	return ok || len(claims.KeysOfRole(ac, by)) > 0
}

func addOperatorScript() script {
	own := func(d *dialogue) bool { return d.value("url") == "" }
	questions := concat(
		[]question{
			{flag: "url", text: "Import from", unless: []string{"name", "sys", "generate-signing-key"}, help: "To import an operator that others run: a file, a URL or a well-known name. Leave empty to make one."},
			{flag: "name", text: "Name of the operator", required: true, unless: []string{"url"}, check: newName(operatorNames)},
		},
		askTimes(),
		[]question{
			{flag: "sys", text: "Make a system account, too?", yesNo: true, initial: always(yes)},
			{flag: "generate-signing-key", text: "Make a signing key, too?", yesNo: true, initial: always(yes)},
			askNewKey("private-key"),
			{flag: "tag", text: "Tags", many: true, check: each(parsed(claims.ParseTag))},
		})
	for i := range questions[1:] {
		questions[i+1].when = own
	}
	return script{first: questions, alone: true}
}

func askNetworks() topic {
	return topic{"networks", []question{{flag: "source-network", text: "Networks to connect from (CIDR)", many: true, check: each(parsed(claims.ParseNetwork))}}}
}

func isService(d *dialogue) bool { return d.chosen("service") }

func addExportScript() script {
	service := question{flag: "service", text: "A service, which answers requests, and no stream?", yesNo: true}
	return script{
		first: []question{
			askAccount("Account that exports"),
			service,
			{flag: "subject", text: "Subject", required: true, check: single(parsed(claims.ParseSubject))},
			{flag: "name", text: "Name", initial: func(d *dialogue, _ []option) string { return d.value("subject") }, implied: true},
			{flag: "private", text: "Private, so that importing it takes an activation?", yesNo: true},
			{flag: "account-token-position", text: "Token that stands for the importing account", help: "Its position in the subject, from 1; leave empty for none.", when: func(d *dialogue) bool {
				return d.value("private") != "true" && strings.Contains(d.value("subject"), "*")
			}},
		},
		topics: exportTopics(),
		last:   []question{signAgain(operatorKeys)},
	}
}

func exportTopics() []topic {
	return []topic{
		{"responses", []question{
			{flag: "response-type", text: "Responses", options: fixed(claims.ResponseTypes()...), when: isService},
			{flag: "response-threshold", text: "How long a response may take (500ms, 5s)", when: isService},
		}},
		{"latency", []question{
			{flag: "latency", text: "Subject to publish the latency on", when: isService, check: single(parsed(claims.ParsePublish))},
			{flag: "sampling", text: "Percentage of requests to measure, or header", when: isService},
		}},
		{"tracing", []question{{flag: "allow-trace", text: "Let message traces go on into it?", yesNo: true, when: isService}}},
		{"description", []question{{flag: "description", text: "Description"}, {flag: "info-url", text: "Link to more about it"}}},
	}
}

func addImportScript() script {
	open := func(d *dialogue) bool { return d.value("token") == "" }
	return script{
		first: []question{
			askAccount("Account that imports"),
			{flag: "token", text: "Activation", help: "The file or URL of the activation that you were sent; leave empty if there is none.", unless: []string{"src-account", "remote-subject", "service"}},
			{flag: "src-account", text: "Account that exports", required: true, unless: []string{"token"}, when: open, free: true, options: ifKnown(offer(others(accountNames)))},
			{flag: "remote-subject", text: "Subject to import", required: true, unless: []string{"token"}, when: open, free: true, options: ifKnown(exportsOf("src-account", false)), check: single(parsed(claims.ParseSubject))},
			{flag: "service", text: "A service, which answers requests, and no stream?", yesNo: true, unless: []string{"token"}, when: open, initial: serviceBySubject},
			{flag: "local-subject", text: "Subject here", help: "Leave empty if it is the same."},
			{flag: "name", text: "Name", help: "Leave empty for the subject."},
		},
		topics: []topic{
			{"latency", []question{{flag: "share", text: "Let the service know who asks?", yesNo: true, when: isService}}},
			{"tracing", []question{{flag: "allow-trace", text: "Let message traces go on from it?", yesNo: true, when: func(d *dialogue) bool { return !isService(d) }}}},
		},
		last: []question{signAgain(operatorKeys)},
	}
}

// others leaves out the account that the command is about.
func others(list namer) namer {
	return func(w *workspace, c *cobra.Command, word string) ([]string, error) {
		names, err := list(w, c, word)
		_, own, _ := w.accountIn(c, "account")
		var rest []string
		for _, name := range names {
			if name != own {
				rest = append(rest, name)
			}
		}
		return rest, err
	}
}

// serviceBySubject is yes when what is to be imported is exported as a service.
func serviceBySubject(d *dialogue, _ []option) string {
	ac, err := d.accountClaims("src-account")
	if err != nil {
		return no
	}
	services := claims.ExportsWith(ac, d.value("remote-subject"), jwt.Service)
	streams := claims.ExportsWith(ac, d.value("remote-subject"), jwt.Stream)
	if len(services) > 0 && len(streams) == 0 {
		return yes
	}
	return no
}

func percentage(answer string) error {
	if n, err := strconv.Atoi(answer); err != nil || n < 1 || n > 100 {
		return fmt.Errorf("%q: is no percentage, from 1 to 100", answer)
	}
	return nil
}

func addMappingScript() script {
	return script{
		first: []question{
			askAccount("Account that maps"),
			{flag: "from", text: "Subject that messages are published to", required: true, check: single(parsed(claims.ParseSubject))},
			{flag: "to", text: "Subject that they go to", required: true, help: "$1 is what the first * stands for."},
			{flag: "weight", text: "Percentage that goes there", initial: always("100"), implied: true, check: single(percentage)},
			{flag: "cluster", text: "Cluster in which it holds", help: "Leave empty for all.", free: true, options: ifKnown(offer(ofAccount("account", mappedClusters)))},
		},
		last: []question{signAgain(operatorKeys)},
	}
}
