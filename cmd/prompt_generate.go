package cmd

func generateScripts() map[string]script {
	output := question{flag: "output-file", text: "File to write", initial: always(onStdout), implied: true, help: "-- is standard output."}
	return map[string]script{
		"generate activation": {
			first: concat([]question{
				askAccount("Account that exports"),
				{flag: "subject", text: "Subject that may be imported", required: true, free: true, options: exportsOf("account", true)},
				{flag: "target-account", text: "Account that may import", required: true, free: true, options: ifKnown(offer(others(accountNames)))},
			}, askTimes(), []question{output, signNew(func(d *dialogue) ([]string, map[string]option, error) { return d.userKeys(false) })}),
		},
		"generate creds": {
			first: []question{askAccount("Account of the user"), {flag: "name", text: "User", required: true, options: offer(userNames)}, output},
		},
		"generate config": {
			first: []question{
				{pick: []string{"nats-resolver", "nats-resolver-cache", "mem-resolver", "url-resolver", "nkey"}, text: "Resolver", required: true},
				{flag: "url-resolver", text: "URL of the account server", required: true, when: func(d *dialogue) bool { return d.picked["url-resolver"] }},
				{flag: "listen", text: "host:port for clients", help: "Leave empty to leave it out."},
				{flag: "jetstream-dir", text: "Directory of JetStream", help: "Leave empty for none."},
				{flag: "config-file", unless: []string{"dir"}, text: "File to write", initial: always(onStdout), implied: true, help: "-- is standard output."},
			},
		},
		"generate context": {
			first: []question{
				askAccount("Account of the user"),
				{flag: "user", text: "User that logs in", required: true, options: offer(userNames)},
				{flag: "context", text: "Name of the context", required: true, initial: func(d *dialogue, _ []option) string { return d.value("user") }},
				{flag: "force", text: "Replace a context of that name?", yesNo: true},
			},
		},
		"generate secret": {
			first: []question{
				askAccount("Account of the user"),
				{text: "User", required: true, options: offer(userNames)},
				{flag: "name", text: "Name of the Secret", help: "Leave empty for that of the user and -creds."},
				{flag: "namespace", text: "Namespace", help: "Leave empty to leave it out."},
				output,
			},
		},
		"generate helm-values": {
			first: []question{
				{flag: "replicas", text: "Servers of a cluster", help: "Leave empty for a single one."},
				{flag: "jetstream", text: "Turn JetStream on?", yesNo: true},
				output,
			},
		},
		"generate server-dir": {
			first: []question{
				{text: "Directory to write", required: true},
				{flag: "listen", text: "host:port for clients", initial: always("0.0.0.0:4222"), implied: true},
				{flag: "jetstream", text: "Turn JetStream on?", yesNo: true, initial: always(yes)},
				{flag: "allow-delete", text: "Let the system account delete accounts?", yesNo: true},
			},
		},
		"generate profile": {
			alone: true,
			first: []question{{text: "URL", required: true, help: "nsc://OPERATOR/ACCOUNT/USER, as much of it as is meant; ?names&keys asks for more."}, output},
		},
		"generate nkey": {
			alone: true,
			first: []question{
				{pick: []string{"operator", "account", "user", "curve"}, text: "Of which kind", required: true, many: true},
				{flag: "store", text: "Put the seeds into the keystore, and do not print them?", yesNo: true},
			},
		},
	}
}
