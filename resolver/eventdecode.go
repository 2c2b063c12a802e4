package resolver

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// eventBody is the union of the server's event payloads. Leaving servers send
// their description bare, hence the embedded serverInfo.
type eventBody struct {
	serverInfo
	Timestamp time.Time   `json:"timestamp"`
	Server    *serverInfo `json:"server"`
	Client    *clientInfo `json:"client"`
	Account   string      `json:"acc"`
	Total     *int        `json:"total_conns"`
	Reason    string      `json:"reason"`
	Kind      string      `json:"kind"`
	Peer      Certificate `json:"peer"`
	Link      Certificate `json:"link"`
}

type clientInfo struct {
	ID          uint64    `json:"id"`
	Account     string    `json:"acc"`
	AccountName string    `json:"name_tag"`
	User        string    `json:"user"`
	Token       string    `json:"jwt"`
	Name        string    `json:"name"`
	Host        string    `json:"host"`
	Lang        string    `json:"lang"`
	Version     string    `json:"ver"`
	Kind        string    `json:"kind"`
	Type        string    `json:"client_type"`
	Start       time.Time `json:"start"`
	Stop        time.Time `json:"stop"`
}

// decodeEvent reads what came on a subject. It never fails: what it does not
// understand is an [EventUnknown].
func decodeEvent(subject string, payload []byte) Event {
	kind, account := classify(subject)
	e := Event{Kind: kind, Subject: clip(subject, maxMessage), Account: clip(account, maxName)}
	understood := false
	if kind == EventClaimsUpdate {
		understood = e.fillClaims(payload)
	} else if kind != EventUnknown {
		understood = e.fillBody(payload)
	}
	if !understood {
		e = Event{Kind: EventUnknown, Subject: e.Subject}
	}
	e.Raw = boundedRaw(payload)
	return e
}

// classify finds out from a subject what it announces, and for which account
// where the subject names one. It knows the old spellings too.
func classify(subject string) (kind EventKind, account string) {
	for _, known := range [...]struct {
		pattern string // * stands for any token, A for an account
		kind    EventKind
	}{
		{"$SYS.ACCOUNT.CLIENT.AUTH.ERR", EventAuthError},
		{"$SYS.SERVER.*.CLIENT.AUTH.ERR", EventAuthError},
		{"$SYS.ACCOUNT.A.CONNECT", EventConnect},
		{"$SYS.ACCOUNT.A.DISCONNECT", EventDisconnect},
		{"$SYS.ACCOUNT.A.SERVER.CONNS", EventConnections},
		{"$SYS.SERVER.ACCOUNT.A.CONNS", EventConnections},
		{"$SYS.ACCOUNT.A.LEAFNODE.CONNECT", EventLeafnode},
		{"$SYS.REQ.CLAIMS.UPDATE", EventClaimsUpdate},
		{"$SYS.REQ.ACCOUNT.A.CLAIMS.UPDATE", EventClaimsUpdate},
		{"$SYS.ACCOUNT.A.CLAIMS.UPDATE", EventClaimsUpdate},
		{"$SYS.SERVER.*.STATSZ", EventServerStats},
		{"$SYS.SERVER.*.SHUTDOWN", EventShutdown},
		{"$SYS.SERVER.*.LAMEDUCK", EventLameDuck},
		{"$SYS.SERVER.*.OCSP.PEER.CONN.REJECT", EventCertRefused},
		{"$SYS.SERVER.*.OCSP.PEER.LINK.INVALID", EventCertInvalid},
	} {
		if account, ok := matchSubject(known.pattern, subject); ok {
			return known.kind, account
		}
	}
	return EventUnknown, ""
}

func matchSubject(pattern, subject string) (account string, ok bool) {
	want, got := strings.Split(pattern, "."), strings.Split(subject, ".")
	if len(want) != len(got) {
		return "", false
	}
	for i, w := range want {
		switch w {
		case "A":
			account = got[i]
		case "*":
		default:
			if w != got[i] {
				return "", false
			}
		}
	}
	return account, true
}

// fillBody reads a server's own events; false means e may be half filled.
func (e *Event) fillBody(payload []byte) bool {
	var body eventBody
	if len(payload) > maxReply || json.Unmarshal(payload, &body) != nil {
		return false
	}
	from := body.Server
	if from == nil {
		from = &body.serverInfo
	}
	if from.ID == "" {
		return false
	}
	if body.Server != nil { // else the id at the top is the server's
		e.ID = clip(body.ID, maxName)
	}
	e.Server = from.server()
	e.Time = body.Timestamp
	if e.Time.IsZero() {
		e.Time = from.Time
	}
	e.Reason = clip(body.Reason, maxMessage)
	switch e.Kind {
	case EventConnections:
		e.AccountName = clip(body.Name, maxName)
		e.Connections = body.Total
	case EventServerStats:
		if st, ok := decodeStatistics(payload); ok {
			e.Statistics = &st
		}
	case EventCertRefused, EventCertInvalid:
		e.Client.Kind = clip(body.Kind, maxName)
		e.Peer, e.Link = body.Peer.clipped(), body.Link.clipped()
	default: // what they say has its fields above and below
	}
	if body.Client != nil {
		e.fillClient(*body.Client)
	}
	return true
}

func (e *Event) fillClient(c clientInfo) {
	if e.Account == "" && c.Account != "N/A" {
		e.Account = clip(c.Account, maxName)
	}
	e.AccountName = clip(c.AccountName, maxName)
	e.User = clip(c.User, maxName)
	if claims, ok := peek(c.Token); ok {
		e.UserName = clip(claims.Name, maxName)
	}
	e.Client = Client{
		ID:      c.ID,
		Name:    clip(c.Name, maxName),
		Host:    clip(c.Host, maxName),
		Lang:    clip(c.Lang, maxName),
		Version: clip(c.Version, maxName),
		Kind:    clip(c.Kind, maxName),
		Type:    clip(c.Type, maxName),
		Start:   c.Start,
		Stop:    c.Stop,
	}
}

func (c Certificate) clipped() Certificate {
	return Certificate{clip(c.Subject, maxMessage), clip(c.Issuer, maxMessage), clip(c.Fingerprint, maxName)}
}

// fillClaims reads a pushed token without trusting it.
func (e *Event) fillClaims(payload []byte) bool {
	claims, ok := peek(string(payload))
	if !ok || claims.Subject == "" {
		return false
	}
	e.Account = clip(claims.Subject, maxName)
	e.AccountName = clip(claims.Name, maxName)
	return true
}

// boundedRaw always returns valid JSON.
func boundedRaw(payload []byte) json.RawMessage {
	if len(payload) <= maxRaw && json.Valid(payload) {
		return payload
	}
	quoted, err := json.Marshal(clip(string(payload), maxRaw/8)) // quoting may grow it sixfold
	if err != nil {
		return json.RawMessage(strconv.Quote(err.Error()))
	}
	return quoted
}
