package cmd

import (
	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

func editScripts() map[string]script {
	users := func(d *dialogue) ([]string, map[string]option, error) { return d.userKeys(true) }
	return map[string]script{
		"edit operator": {present: operatorPresent, topics: editOperatorTopics(), last: []question{signAgain(operatorKeys)}},
		"edit account": {
			present: accountPresent,
			first:   []question{askNamedAccount()},
			topics: append(append([]topic{askSigningKeys(ofAccount("name", rolesAndKeys))}, accountLimits("leave empty to keep what is")...),
				askPermissions(), editTags(ofAccount("name", func(ac *jwt.AccountClaims) []string { return ac.Tags })), editTimes(),
				topic{"tracing", []question{{flag: "trace-context-subject", text: "Subject that message traces go to"}, {flag: "trace-context-sampling", text: "Percentage of messages to trace"}}}),
			last: []question{signAgain(operatorKeys)},
		},
		"edit user": {
			present: userPresent,
			first:   []question{askAccount("Account of the user"), {flag: "name", text: "User", required: true, options: offer(userNames)}},
			topics:  unscoped(userTopics(), editTags(nil), editTimes()),
			last:    []question{signAgain(users)},
		},
		"edit export": {
			present: exportPresent,
			first: []question{
				askAccount("Account that exports"),
				{flag: "subject", text: "Export", required: true, options: exportsOf("account", false)},
			},
			topics: append([]topic{
				{"name", []question{{flag: "name", text: "New name"}}},
				{"privacy", []question{{flag: "private", text: "Private, so that importing it takes an activation?", yesNo: true}}},
			}, editExportTopics()...),
			last: []question{signAgain(operatorKeys)},
		},
		"edit signing-key": editSigningKeyScript(),
		"edit authcallout": editAuthCalloutScript(),
	}
}

func editOperatorTopics() []topic {
	return []topic{
		askSigningKeys(ofOperator(func(oc *jwt.OperatorClaims) []string { return oc.SigningKeys })),
		{"service URLs", []question{
			{flag: "service-url", text: "URLs to add, under which clients reach the servers", many: true, check: each(parsed(claims.ParseServiceURL))},
			{flag: "rm-service-url", text: "URLs to remove", many: true, options: offer(ofOperator(func(oc *jwt.OperatorClaims) []string { return oc.OperatorServiceURLs }))},
		}},
		{"account server", []question{{flag: "account-jwt-server-url", text: "URL under which account tokens are pushed and served", check: single(parsed(claims.ParseAccountServerURL))}}},
		{"system account", []question{{flag: "system-account", text: "System account", options: offer(accountNames), only: true}}},
		{"strictness", []question{{flag: "require-signing-keys", text: "Let only signing keys sign?", yesNo: true}}},
		editTags(ofOperator(func(oc *jwt.OperatorClaims) []string { return oc.Tags })),
		editTimes(),
	}
}

func askSigningKeys(present namer) topic {
	return topic{"signing keys", []question{
		{flag: "sk", text: "Signing keys to add", help: "generate makes one; or a public key, a file that holds a seed, or - to type a seed, which is not shown.", options: fixed("generate"), free: true, many: true},
		{flag: "rm-sk", text: "Signing keys to remove", many: true, options: offer(present)},
	}}
}

func editTags(present namer) topic {
	t := topic{"tags", []question{{flag: "tag", text: "Tags to add", many: true, check: each(parsed(claims.ParseTag))}, {flag: "rm-tag", text: "Tags to remove", many: true}}}
	if present != nil {
		t.questions[1].options = offer(present)
	}
	return t
}

// accountLimits ask for what an account may use at most.
func accountLimits(empty string) []topic {
	number := func(flag, text string) question { return question{flag: flag, text: text} }
	limits := topic{"limits", []question{
		number("conns", "Connections"), number("leaf-conns", "Leaf node connections"), number("data", "Bytes in flight"), number("exports", "Exports"),
		number("imports", "Imports"), number("payload", "Bytes of a message"), number("subscriptions", "Subscriptions"),
	}}
	limits.questions[0].help = "At most so many, as 100, 10k or 1GiB; -1 for any number; " + empty + "."
	jetStream := topic{"JetStream", []question{
		number("js-tier", "Tier"), number("js-mem-storage", "Bytes in memory"), number("js-disk-storage", "Bytes on disk"), number("js-streams", "Streams"),
		number("js-consumer", "Consumers"), number("js-max-mem-stream", "Bytes of one stream in memory"), number("js-max-disk-stream", "Bytes of one stream on disk"),
		number("js-max-ack-pending", "Unacknowledged messages"),
		{flag: "js-max-bytes-required", text: "Demand a size limit of every stream?", yesNo: true},
	}}
	jetStream.questions[0].help = "0 for all streams together, N for those with N replicas. Below: at most so many; -1 for any number; " + empty + "."
	return []topic{limits, jetStream, {"description", []question{{flag: "description", text: "Description"}, {flag: "info-url", text: "Link to more about it"}}}}
}

// userTopics ask for what users may do, and those of a role.
func userTopics() []topic {
	perms := askPermissions()
	perms.questions = append(perms.questions, question{flag: "rm", text: "Subjects to remove from all permissions", many: true})
	return []topic{
		perms,
		{"limits", []question{
			{flag: "payload", text: "Bytes of a message", help: "At most so many, as 100, 10k or 1GiB; -1 for any number; leave empty to keep what is."},
			{flag: "data", text: "Bytes in flight"},
			{flag: "subs", text: "Subscriptions"},
		}},
		{"connections", []question{
			{flag: "conn-type", text: "Ways to connect", many: true, options: fixed(claims.ConnectionTypes()...)},
			{flag: "rm-conn-type", text: "Ways no more to connect", many: true, options: fixed(claims.ConnectionTypes()...)},
			{flag: "bearer", text: "Let the token suffice, without the key?", yesNo: true},
		}},
		{"networks", []question{
			{flag: "source-network", text: "Networks to connect from (CIDR)", many: true, check: each(parsed(claims.ParseNetwork))},
			{flag: "rm-source-network", text: "Networks to remove", many: true},
		}},
		{"times", []question{
			{flag: "time", text: "Times of day (08:00:00-18:00:00)", many: true, check: each(parsed(claims.ParseTimeRange))},
			{flag: "rm-time", text: "Times to remove, by their start", many: true},
			{flag: "locale", text: "Time zone (Europe/Berlin)"},
		}},
	}
}

// editExportTopics are those of a new export; whether it is a service is known.
func editExportTopics() []topic {
	topics := exportTopics()
	for i := range topics {
		for j := range topics[i].questions {
			if q := &topics[i].questions[j]; q.when != nil {
				q.when = exportsService
			}
		}
	}
	return topics
}

// exportsService reports whether the export that is named is a service.
func exportsService(d *dialogue) bool {
	ac, err := d.accountClaims("account")
	if err != nil {
		return true
	}
	for _, x := range ac.Exports {
		if x != nil && string(x.Subject) == d.value("subject") && x.Type == jwt.Service {
			return true
		}
	}
	return false
}

func editSigningKeyScript() script {
	chosen := func(d *dialogue) bool { return len(d.args) > 0 }
	return script{
		present: scopePresent,
		first: []question{
			askAccount("Account of the key"),
			{
				text: "Role or key", help: "Which one to change; leave empty for a new one.", unless: []string{"sk", "role"},
				options: offer(ofAccount("account", rolesAndKeys)),
			},
			{flag: "sk", text: "New signing key", required: true, initial: always("generate"), options: fixed("generate", "-"), free: true, unless: []string{"role"}, when: func(d *dialogue) bool { return !chosen(d) }},
			{flag: "role", text: "Role", help: "What the key is called.", required: true, when: func(d *dialogue) bool { return !chosen(d) }},
		},
		topics: append(userTopics(), topic{"description", []question{{flag: "description", text: "Description"}}}),
		last:   []question{signAgain(operatorKeys)},
	}
}

func editAuthCalloutScript() script {
	on := func(d *dialogue) bool { return d.value("disable") != "true" }
	return script{
		present: calloutPresent,
		first:   []question{askAccount("Account that authenticates")},
		topics: []topic{
			{"auth users", []question{
				{flag: "auth-user", text: "Users that answer for the account", many: true, free: true, options: offer(userNames), when: on},
				{flag: "rm-auth-user", text: "Users that do no more", many: true, options: offer(ofAccount("account", func(ac *jwt.AccountClaims) []string { return ac.Authorization.AuthUsers })), when: on},
			}},
			{"accounts", []question{
				{flag: "allowed-account", text: "Accounts that clients may be of", many: true, free: true, options: withAll(offer(accountNames), "all accounts"), when: on},
				{flag: "rm-allowed-account", text: "Accounts that they may be of no more", many: true, options: offer(ofAccount("account", func(ac *jwt.AccountClaims) []string { return ac.Authorization.AllowedAccounts })), when: on},
			}},
			{"encryption", []question{{flag: "curve", text: "Curve key", help: "generate makes one; or a public key, or a file that holds a seed.", free: true, options: fixed("generate"), when: on}}},
			{"off", []question{{flag: "disable", text: "Authenticate no more?", yesNo: true, unless: []string{"auth-user", "rm-auth-user", "allowed-account", "rm-allowed-account", "curve"}}}},
		},
		last: []question{signAgain(operatorKeys)},
	}
}
