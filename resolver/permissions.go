package resolver

// Subjects of the requests and events, as nats-server names them.
const (
	subjectRollCall     = "$SYS.REQ.SERVER.PING.STATSZ"
	subjectVarz         = "$SYS.REQ.SERVER.PING.VARZ"
	subjectClaimsUpdate = "$SYS.REQ.CLAIMS.UPDATE"
	subjectClaimsList   = "$SYS.REQ.CLAIMS.LIST"
	subjectClaimsDelete = "$SYS.REQ.CLAIMS.DELETE"
	subjectClaimsPack   = "$SYS.REQ.CLAIMS.PACK"
	subjectRoutez       = "$SYS.REQ.SERVER.PING.ROUTEZ"
	prefixPurge         = "$JS.API.ACCOUNT.PURGE."
	prefixAccount       = "$SYS.REQ.ACCOUNT."
	prefixAccountOld    = "$SYS.ACCOUNT."
	suffixLoadedUpdate  = ".CLAIMS.UPDATE"
	suffixLookup        = ".CLAIMS.LOOKUP"
	suffixInfo          = ".INFO"
	everyInbox          = "_INBOX.>"
)

// maxNamedAccounts bounds the accounts a permission list names one by one. A
// server refuses a login of more than 4096 bytes, token and all.
const maxNamedAccounts = 3

// PushPermissions returns the least a system user needs to push accounts, call
// the roll and ask what servers are before, and verify after: the subjects to allow for publishing and
// for subscribing. A few accounts are named one by one; for none, or many, the
// lists cover every account.
func PushPermissions(accounts ...string) (pub, sub []string) {
	pub = []string{subjectRollCall, subjectVarz, subjectRoutez, subjectClaimsUpdate, subjectClaimsList}
	for _, id := range namedOrAll(accounts) {
		pub = append(pub, prefixAccount+id+suffixLoadedUpdate, prefixAccountOld+id+suffixLoadedUpdate, prefixAccount+id+suffixInfo, prefixAccount+id+suffixLookup)
	}
	return pub, []string{everyInbox}
}

// PullPermissions returns the least a system user needs to read what servers
// store, apply and trust: [Conn.RollCall], [Conn.List], [Conn.Lookup],
// [Conn.InForce] and [Conn.Trusted].
func PullPermissions(accounts ...string) (pub, sub []string) {
	pub = []string{subjectRollCall, subjectRoutez, subjectVarz, subjectClaimsList}
	for _, id := range namedOrAll(accounts) {
		pub = append(pub, prefixAccount+id+suffixInfo, prefixAccount+id+suffixLookup)
	}
	return pub, []string{everyInbox}
}

// DeletePermissions returns the least a system user needs for [Conn.Delete], and
// for seeing before and after which accounts there are.
func DeletePermissions() (pub, sub []string) {
	return []string{subjectRollCall, subjectRoutez, subjectClaimsList, subjectClaimsDelete}, []string{everyInbox}
}

// PurgePermissions returns what [Conn.PurgeJetStream] needs beside an inbox.
func PurgePermissions() (pub []string) { return []string{prefixPurge + "*"} }

// EventPermissions returns the least a system user needs for [Conn.Watch]. The
// publish list is not empty, since an empty list would allow everything: it
// holds the roll call.
func EventPermissions(accounts ...string) (pub, sub []string) {
	sub = eventSubjects(namedOrAll(accounts))
	if len(accounts) == 0 {
		sub = append(sub, serverSubjects()...)
	}
	return []string{subjectRollCall, subjectRoutez}, append(sub, everyInbox)
}

// AnswerPermissions returns the least a system user needs for [Conn.Answer], and
// for telling servers of accounts that have changed.
func AnswerPermissions() (pub, sub []string) {
	return []string{subjectRollCall, subjectClaimsUpdate, prefixAccount + "*" + suffixLoadedUpdate, prefixAccountOld + "*" + suffixLoadedUpdate, everyInbox, "$SYS._INBOX.>"},
		[]string{everyInbox, subjectClaimsPack, subjectClaimsUpdate, prefixAccount + "*" + suffixLookup, prefixAccount + "*" + suffixLoadedUpdate, prefixAccountOld + "*" + suffixLoadedUpdate}
}

// namedOrAll returns the account tokens to put into subjects.
func namedOrAll(accounts []string) []string {
	if len(accounts) == 0 || len(accounts) > maxNamedAccounts {
		return []string{"*"}
	}
	return accounts
}
