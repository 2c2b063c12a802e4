package cmd

func transferScripts() map[string]script {
	return map[string]script{
		"export keys": {
			alone: true,
			first: []question{
				{flag: "dir", text: "Directory to write to", required: true},
				{flag: "all", text: "The keys of all accounts, and not only of the current one?", yesNo: true},
				{flag: "include-jwts", text: "Write the tokens, too?", yesNo: true},
				{flag: "remove", text: "Remove the seeds from the keystore afterwards?", yesNo: true},
			},
		},
		"import account": {first: []question{
			{flag: "file", text: "Token of the account", required: true, help: "A file or a URL."},
			{flag: "overwrite", text: "Replace an account of the same name and identity?", yesNo: true},
		}},
		"import user": {first: []question{
			{flag: "file", text: "Token or creds of the user", required: true, help: "A file."},
			{flag: "overwrite", text: "Replace a user of the same name and identity?", yesNo: true},
		}},
		"import keys": {
			alone: true,
			first: []question{
				{flag: "dir", text: "Directory to read from", required: true},
				{flag: "recurse", text: "Read the directories below it, too?", yesNo: true},
			},
		},
	}
}
