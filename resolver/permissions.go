package resolver

import (
	"time"

	"github.com/nats-io/jwt/v2"
)

// Subjects of the requests and events, as nats-server names them.
const (
	subjectRollCall     = "$SYS.REQ.SERVER.PING.STATSZ"
	subjectVarz         = "$SYS.REQ.SERVER.PING.VARZ"
	subjectSubsz        = "$SYS.REQ.SERVER.PING.SUBSZ"
	subjectClaimsUpdate = "$SYS.REQ.CLAIMS.UPDATE"
	subjectClaimsList   = "$SYS.REQ.CLAIMS.LIST"
	subjectClaimsDelete = "$SYS.REQ.CLAIMS.DELETE"
	subjectClaimsPack   = "$SYS.REQ.CLAIMS.PACK"
	subjectRoutez       = "$SYS.REQ.SERVER.PING.ROUTEZ"
	subjectPing         = "$SYS.REQ.SERVER.PING.IDZ"
	subjectAccountz     = "$SYS.REQ.SERVER.PING.ACCOUNTZ"
	subjectConnz        = "$SYS.REQ.SERVER.PING.CONNZ"
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

// answerTime is how long an answer may take, of all accounts, too.
const answerTime = time.Minute

// PushPermissions returns the least a system user needs to push accounts, call
// the roll and ask what servers are before, and verify after: the subjects to allow for publishing and
// for subscribing. A few accounts are named one by one; for none, or many, the
// lists cover every account.
func PushPermissions(accounts ...string) (pub, sub []string) {
	pub = []string{subjectRollCall, subjectVarz, subjectSubsz, subjectRoutez, subjectClaimsUpdate, subjectClaimsList}
	for _, id := range namedOrAll(accounts) {
		pub = append(pub, prefixAccount+id+suffixLoadedUpdate, prefixAccountOld+id+suffixLoadedUpdate, prefixAccount+id+suffixInfo, prefixAccount+id+suffixLookup)
	}
	return pub, []string{everyInbox}
}

// PullPermissions returns the least a system user needs to read what servers
// store, apply and trust: [Conn.RollCall], [Conn.Survey] but for deletion,
// [Conn.List], [Conn.Lookup] and [Conn.InForce].
func PullPermissions(accounts ...string) (pub, sub []string) {
	pub = []string{subjectRollCall, subjectRoutez, subjectVarz, subjectSubsz, subjectClaimsList}
	for _, id := range namedOrAll(accounts) {
		pub = append(pub, prefixAccount+id+suffixInfo, prefixAccount+id+suffixLookup)
	}
	return pub, []string{everyInbox}
}

// DeletePermissions returns the least a system user needs for [Conn.Delete], for
// [Conn.Survey], and for seeing before and after which accounts there are.
func DeletePermissions() (pub, sub []string) {
	return []string{subjectRollCall, subjectRoutez, subjectVarz, subjectSubsz, subjectClaimsList, subjectClaimsDelete}, []string{everyInbox}
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

// AnswerPermissions returns the least a system user needs for [Conn.Answer], with
// Update or without, and for telling servers of accounts that have changed with
// [Conn.UpdateLoaded]. Whoever asks is answered where they wait, and nobody else.
func AnswerPermissions(update bool) jwt.Permissions {
	pushes := []string{prefixAccount + "*" + suffixLoadedUpdate, prefixAccountOld + "*" + suffixLoadedUpdate}
	p := jwt.Permissions{Resp: &jwt.ResponsePermission{MaxMsgs: jwt.NoLimit, Expires: answerTime}}
	p.Pub.Allow.Add(append([]string{subjectRollCall, subjectRoutez}, pushes...)...)
	p.Sub.Allow.Add(everyInbox, subjectClaimsPack, prefixAccount+"*"+suffixLookup)
	if update {
		p.Sub.Allow.Add(append([]string{subjectClaimsUpdate}, pushes...)...)
	}
	return p
}

// Question is something that servers can be asked about themselves.
type Question int

// The questions, each with the operations that put it.
const (
	AskStatistics  Question = iota // [Conn.RollCall], [Conn.Statistics]
	AskPing                        // [Conn.Ping]
	AskDetails                     // [Conn.Details]
	AskSurvey                      // [Conn.Survey], but for deletion
	AskAccounts                    // [Conn.LoadedAccounts]
	AskInForce                     // [Conn.InForce], [Conn.AccountInfo]
	AskConnections                 // [Conn.Connections]
)

// AskPermissions returns the least a system user needs to call the roll and to put
// some questions, about some accounts where a question is about accounts.
func AskPermissions(accounts []string, questions ...Question) (pub, sub []string) {
	pub = []string{subjectRollCall, subjectRoutez}
	for _, q := range questions {
		switch q {
		case AskStatistics:
		case AskPing:
			pub = append(pub, subjectPing)
		case AskDetails:
			pub = append(pub, subjectVarz)
		case AskSurvey:
			pub = append(pub, subjectVarz, subjectSubsz)
		case AskAccounts:
			pub = append(pub, subjectAccountz)
		case AskInForce:
			for _, id := range namedOrAll(accounts) {
				pub = append(pub, prefixAccount+id+suffixInfo)
			}
		case AskConnections:
			pub = append(pub, subjectConnz)
		}
	}
	return pub, []string{everyInbox}
}

// namedOrAll returns the account tokens to put into subjects.
func namedOrAll(accounts []string) []string {
	if len(accounts) == 0 || len(accounts) > maxNamedAccounts {
		return []string{"*"}
	}
	return accounts
}
