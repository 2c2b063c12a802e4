package cmd

func toolScripts() map[string]script {
	user := []question{
		askAccount("Account of the user"),
		{flag: "user", text: "User that connects", options: offer(userNames), unless: []string{"creds", "context"}},
	}
	user[0].unless = user[1].unless
	subject := question{text: "Subject", required: true}
	payload := question{text: "Payload", at: 1}
	return map[string]script{
		"tool pub":   {first: concat(user, []question{subject, payload})},
		"tool req":   {first: concat(user, []question{subject, payload})},
		"tool reply": {first: concat(user, []question{subject, payload})},
		"tool sub":   {first: concat(user, []question{subject})},
		"tool rtt":   {first: user},
	}
}

func transferScripts() map[string]script {
	return map[string]script{
		"export keys": {
			first: []question{
				{flag: "dir", text: "Directory to write to", required: true},
				{flag: "all", text: "The keys of all accounts, and not only of the current one?", yesNo: true},
				{flag: "include-jwts", text: "Write the tokens, too?", yesNo: true},
				{flag: "remove", text: "Remove the seeds from the keystore afterwards?", yesNo: true},
			},
		},
		"import keys": {
			first: []question{
				{flag: "dir", text: "Directory to read from", required: true},
				{flag: "recurse", text: "Read the directories below it, too?", yesNo: true},
			},
		},
	}
}
