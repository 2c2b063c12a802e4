package cmd

import (
	"strconv"

	"nkeep/claims"
	"nkeep/render"

	"github.com/nats-io/jwt/v2"
)

// What there is now of what a flag changes is shown beside its question, in the words
// in which the change is reported. The functions below find it for the flags of one
// command; of what cannot be read nothing is shown, for the command says why.

// keep makes what is there now the answer of who gives none.
func (p *prompt) keep(said []string) {
	if p.present = firstOf(said, 3); len(said) == 0 {
		return
	}
	if p.yesNo {
		p.initial = p.present
		return
	}
	if runes := []rune(p.present); len(runes) > longAnswer {
		p.present = string(runes[:longAnswer]) + "…"
	}
}

// fieldSays is what a field of claims, or of a part of them, says; "" is none.
func fieldSays(of any, err error, field string) []string {
	if err != nil || field == "" {
		return nil
	}
	said, err := render.Reading(of, field)
	if err != nil {
		return nil
	}
	return said
}

func operatorPresent(d *dialogue, flag string) []string {
	oc, err := d.operatorClaims()
	said := fieldSays(oc, err, map[string]string{
		"service-url": "nats.operator_service_urls", "account-jwt-server-url": "nats.account_server_url", "system-account": "nats.system_account",
		"require-signing-keys": "nats.strict_signing_key_usage", "tag": "nats.tags", "start": "nbf", "expiry": "exp",
	}[flag])
	if flag == "system-account" {
		d.nameAccounts(said)
	}
	return said
}

// nameAccounts puts names in the place of public keys, where they are known.
func (d *dialogue) nameAccounts(publics []string) {
	store, err := d.w.flaggedStore(d.c)
	if err != nil {
		return
	}
	named := store.NamesOfAccounts()
	for i, public := range publics {
		if name, err := named(public); err == nil && name != "" {
			publics[i] = name
		}
	}
}

func accountPresent(d *dialogue, flag string) []string {
	jetStream := "nats.limits."
	switch tier, err := parseTier(d.answers["js-tier"]); {
	case err == nil && tier > 0:
		jetStream += "tiered_limits.R" + strconv.Itoa(tier) + "."
	case d.answers["js-tier"] == "" && d.c.Flags().Changed("js-tier"): // of a tier that was typed
		jetStream = "unknown."
	}
	fields := map[string]string{
		"conns": "nats.limits.conn", "leaf-conns": "nats.limits.leaf", "data": "nats.limits.data", "exports": "nats.limits.exports",
		"imports": "nats.limits.imports", "payload": "nats.limits.payload", "subscriptions": "nats.limits.subs",
		"js-mem-storage": jetStream + "mem_storage", "js-disk-storage": jetStream + "disk_storage", "js-streams": jetStream + "streams",
		"js-consumer": jetStream + "consumer", "js-max-mem-stream": jetStream + "mem_max_stream_bytes", "js-max-disk-stream": jetStream + "disk_max_stream_bytes",
		"js-max-ack-pending": jetStream + "max_ack_pending", "js-max-bytes-required": jetStream + "max_bytes_required",
		"description": "nats.description", "info-url": "nats.info_url", "tag": "nats.tags", "start": "nbf", "expiry": "exp",
		"trace-context-subject": "nats.trace.dest", "trace-context-sampling": "nats.trace.sampling",
	}
	permissionFields(fields, "nats.default_permissions.")
	ac, err := d.accountClaims("name")
	return fieldSays(ac, err, fields[flag])
}

func permissionFields(fields map[string]string, below string) {
	for flag, field := range map[string]string{
		"allow-pub": "pub.allow", "allow-sub": "sub.allow", "deny-pub": "pub.deny", "deny-sub": "sub.deny", "allow-pub-response": "resp.max", "response-ttl": "resp.ttl",
	} {
		fields[flag] = below + field
	}
}

func rightFields(below string) map[string]string {
	fields := map[string]string{
		"payload": below + "payload", "data": below + "data", "subs": below + "subs", "conn-type": below + "allowed_connection_types",
		"bearer": below + "bearer_token", "source-network": below + "src", "time": below + "times", "locale": below + "times_location",
	}
	permissionFields(fields, below)
	return fields
}

func userPresent(d *dialogue, flag string) []string {
	fields := rightFields("nats.")
	fields["tag"], fields["start"], fields["expiry"] = "nats.tags", "nbf", "exp"
	uc, err := d.userClaims()
	return fieldSays(uc, err, fields[flag])
}

// userClaims are those of the user that is named.
func (d *dialogue) userClaims() (*jwt.UserClaims, error) {
	store, account, err := d.w.accountIn(d.c, "account")
	if err != nil {
		return nil, err
	}
	name, err := userNamed(store, account, d.value("name"))
	if err != nil {
		return nil, err
	}
	token, err := store.User(account, name)
	if err != nil {
		return nil, err
	}
	return jwt.DecodeUserClaims(token)
}

func exportPresent(d *dialogue, flag string) []string {
	field := map[string]string{
		"name": "name", "private": "token_req", "response-type": "response_type", "response-threshold": "response_threshold", "latency": "service_latency.results",
		"sampling": "service_latency.sampling", "allow-trace": "allow_trace", "description": "description", "info-url": "info_url",
	}[flag]
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil
	}
	for _, x := range ac.Exports {
		if string(x.Subject) != d.value("subject") {
			continue
		}
		if flag == "private" { // what is public is said of it otherwise
			return []string{yesNo(x.TokenReq)}
		}
		return fieldSays(x, nil, field)
	}
	return nil
}

func scopePresent(d *dialogue, flag string) []string {
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil
	}
	key := d.value("role")
	if len(d.args) > 0 {
		key = d.args[0]
	}
	if keys := claims.KeysOfRole(ac, key); len(keys) == 1 {
		key = keys[0]
	}
	scope, ok := claims.ScopeOf(ac, key)
	if !ok { // it is new
		return nil
	}
	fields := rightFields("template.")
	fields["description"] = "description"
	return fieldSays(scope, nil, fields[flag])
}

func calloutPresent(d *dialogue, flag string) []string {
	ac, err := d.accountClaims("account")
	said := fieldSays(ac, err, map[string]string{
		"auth-user": "nats.authorization.auth_users", "allowed-account": "nats.authorization.allowed_accounts", "curve": "nats.authorization.xkey",
	}[flag])
	switch flag {
	case "allowed-account":
		d.nameAccounts(said)
	case "auth-user":
		d.nameUsers(said)
	}
	return said
}

// nameUsers is nameAccounts for users of the account.
func (d *dialogue) nameUsers(publics []string) {
	store, account, err := d.w.accountIn(d.c, "account")
	if err != nil {
		return
	}
	users, err := store.UsersByKey(account, publics...)
	if err != nil {
		return
	}
	for i, public := range publics {
		if name := users[public]; name != "" {
			publics[i] = name
		}
	}
}
