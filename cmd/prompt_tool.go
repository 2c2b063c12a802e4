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
