package cmd

func otherScripts() map[string]script {
	return map[string]script{
		"describe operator": {alone: true, first: []question{{flag: "name", text: "Operator", options: offer(operatorNames), initial: currentOperator}}},
		"describe account":  {first: []question{askNamedAccount()}},
		"describe user":     {first: []question{askAccount("Account of the user"), {flag: "name", text: "User", required: true, options: offer(userNames)}}},
		"describe jwt":      {alone: true, first: []question{{flag: "file", text: "File or URL of the token", required: true}}},
		"select operator":   {alone: true, first: []question{{text: "Operator", required: true, options: offer(operatorNames), initial: currentOperator}}},
		"select account":    {first: []question{{text: "Account", required: true, options: offer(accountNames), initial: currentAccount}}},
		"reissue operator": {first: []question{
			{flag: "name", text: "Operator", options: offer(operatorNames), initial: currentOperator},
			{flag: "convert-to-signing-key", text: "Let the old identity go on as a signing key?", yesNo: true},
			{flag: "dry-run", text: "Only show what would be done?", yesNo: true, initial: always(yes)},
		}},
		"rename operator": {alone: true, first: renamed("operator", offer(operatorNames), operatorNames)},
		"rename account":  {first: renamed("account", offer(accountNames), accountNames)},
		"rename user":     {first: append([]question{askAccount("Account of the user")}, renamed("user", offer(userNames), userNames)...)},
		"fix": {
			alone: true,
			first: []question{
				{flag: "in", text: "Directories to look into", required: true, many: true},
				{flag: "out", text: "Directory to build in", help: "It must be empty or not exist; leave empty for a new one here."},
				{flag: "creds", text: "Write creds, too?", yesNo: true, initial: always(yes)},
			},
		},
		"load": {
			alone: true,
			first: []question{
				{flag: "url", text: "URL of the operator's token", required: true, free: true, options: wellKnownOperators, unless: []string{"profile"}},
				{flag: "seed", text: "Seed of the account", help: "A file that holds it; - to type it, which is not shown.", required: true, initial: always("-"), unless: []string{"profile"}},
				{flag: "user", text: "User to make", initial: always("default"), implied: true},
			},
		},
		"push": {
			first: []question{
				{flag: "all", text: "Push all accounts?", yesNo: true, unless: []string{"account", "roll-call", "diff", "prune", "account-removal"}},
				{flag: "account", text: "Account to push", unless: []string{"all", "roll-call", "diff", "prune", "account-removal"}, options: offer(accountNames), initial: currentAccount},
			},
		},
		"pull": {
			alone: true,
			first: []question{
				{flag: "all", text: "Pull all accounts?", yesNo: true, unless: []string{"account", "rebuild"}},
				{flag: "account", text: "Account to pull", unless: []string{"all", "rebuild"}, options: offer(accountNames), initial: currentAccount},
			},
		},
		"migrate": {
			alone: true,
			first: []question{
				{flag: "operator-dir", text: "Directory of the other operator", help: "Leave empty to give the token of a single account.", unless: []string{"url"}},
				{flag: "url", text: "File or URL of the account's token", required: true, unless: []string{"operator-dir"}},
			},
		},
	}
}

// renamed asks for the present and the new name.
func renamed(what string, present func(*dialogue) ([]option, error), taken namer) []question {
	return []question{
		{text: "Name of the " + what, required: true, options: present},
		{text: "New name of the " + what, at: 1, required: true, check: newName(taken)},
	}
}
