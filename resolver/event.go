package resolver

import (
	"encoding/json"
	"time"
)

// maxRaw bounds the payload an Event carries, in bytes.
const maxRaw = 64 << 10

// EventKind says what an Event is about.
type EventKind string

// The kinds of events.
const (
	EventConnect      EventKind = "connect"
	EventDisconnect   EventKind = "disconnect"
	EventAuthError    EventKind = "auth_error"    // a login was refused
	EventConnections  EventKind = "connections"   // an account's connections changed, or a reminder of them
	EventClaimsUpdate EventKind = "claims_update" // somebody pushes claims
	EventLeafnode     EventKind = "leafnode"      // a leaf node connects; servers tell it only where gateways are configured
	EventServerStats  EventKind = "server_stats"
	EventShutdown     EventKind = "shutdown"
	EventLameDuck     EventKind = "lame_duck"    // a server asks its clients to leave
	EventCertRefused  EventKind = "cert_refused" // a TLS handshake was refused, since a certificate is not valid by OCSP
	EventCertInvalid  EventKind = "cert_invalid" // a certificate is not valid by OCSP, see Link
	EventLost         EventKind = "lost"         // events came faster than they were taken
	EventUnknown      EventKind = "unknown"      // not understood, see Raw
)

// Event is something that happened in a NATS system. Its fields are what a
// server, or for claim updates any pusher, said: nothing in it is verified.
type Event struct {
	Kind    EventKind `json:"kind"`
	ID      string    `json:"id,omitempty"`      // the server's id of the event
	Subject string    `json:"subject,omitempty"` // subject it came on
	// Time is when it happened by the server's clock; claim updates, which carry
	// no time, have the time of arrival.
	Time        time.Time `json:"time,omitzero"`
	Server      Server    `json:"server,omitzero"`
	Account     string    `json:"account,omitempty"` // public key
	AccountName string    `json:"account_name,omitempty"`
	User        string    `json:"user,omitempty"` // public key, or the name used in the login
	UserName    string    `json:"user_name,omitempty"`
	Client      Client    `json:"client,omitzero"`
	Connections *int      `json:"connections,omitempty"` // of the account on the server, leaf nodes included
	// Statistics are what [EventServerStats] tells; in JSON they are in the original.
	Statistics *Statistics `json:"-"`
	Reason     string      `json:"reason,omitempty"`
	// Peer is whose handshake an event about certificates is about, and Link the
	// certificate of its chain that is not valid.
	Peer Certificate `json:"peer,omitzero"`
	Link Certificate `json:"link,omitzero"`
	// Raw is the payload: itself where it is JSON of at most 64 KiB, else a JSON
	// string with its beginning. It may hold user tokens.
	Raw json.RawMessage `json:"raw,omitempty"`
}

// Client is the connection an event is about.
type Client struct {
	ID      uint64    `json:"id,omitempty"` // connection number on its server
	Name    string    `json:"name,omitempty"`
	Host    string    `json:"host,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	Version string    `json:"version,omitempty"`
	Kind    string    `json:"kind,omitempty"` // Client, Leafnode, …
	Type    string    `json:"type,omitempty"` // nats, mqtt, websocket
	Start   time.Time `json:"start,omitzero"`
	Stop    time.Time `json:"stop,omitzero"`
}

// Certificate is one of TLS, as a server describes it.
type Certificate struct {
	Subject     string `json:"subject,omitempty"`     // distinguished name
	Issuer      string `json:"issuer,omitempty"`      // likewise
	Fingerprint string `json:"fingerprint,omitempty"` // SHA-256 in base64
}
