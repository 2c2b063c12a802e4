package resolver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Bounds of a list of connections. A page of the largest tokens fits into one answer.
const (
	connectionsPerPage = 1024
	maxConnections     = 1 << 18 // of all servers together
)

// Connection is a client that is connected to a server, as the server knows it. Its
// user's token is in force, and left out: those of bearer users are as good as a
// password.
type Connection struct {
	Server   Server        `json:"server"`
	ID       uint64        `json:"id"` // on the server
	Account  string        `json:"account"`
	User     string        `json:"user"`                // public key, or the name used in the login
	UserName string        `json:"user_name,omitempty"` // in the token
	Issuer   string        `json:"issuer_key,omitempty"`
	Tags     []string      `json:"tags"`
	Issued   time.Time     `json:"issued,omitzero"`  // the token
	Expires  time.Time     `json:"expires,omitzero"` // the token
	TokenID  string        `json:"token_id,omitempty"`
	Name     string        `json:"name,omitempty"` // that the client gave itself
	Host     string        `json:"host"`
	Lang     string        `json:"lang,omitempty"`
	Version  string        `json:"version,omitempty"`
	Kind     string        `json:"kind,omitempty"` // nats, websocket, mqtt
	RTT      time.Duration `json:"rtt_ns"`
	Since    time.Time     `json:"since"`
	Pending  int64         `json:"pending_bytes"`
	Subs     uint32        `json:"subscriptions"`
	InMsgs   int64         `json:"in_messages"`
	OutMsgs  int64         `json:"out_messages"`
}

// Connections asks servers that answered a roll call who is connected to them, to
// one account or, without one, to all. It calls each once per connection, but for
// its own, on the goroutine that called. Servers that did not answer to the end are
// returned. Clients that come or go meanwhile may be missing. Of more than 262144
// connections the rest is left out, and whole is false.
func (c *Conn) Connections(ctx context.Context, account string, expect []Server, each func(Connection)) (silent []Server, whole bool, err error) {
	l := connectionList{conn: c, account: account, each: each, seen: map[connectionKey]bool{}}
	open := expect
	for offset := 0; len(open) > 0; offset += c.page {
		if len(l.seen) >= maxConnections {
			return l.silent, false, nil
		}
		if open, err = l.page(ctx, open, offset); err != nil {
			return l.silent, false, err
		}
	}
	return l.silent, true, nil
}

type connectionKey struct {
	server string
	id     uint64
}

type connectionList struct {
	conn    *Conn
	account string
	each    func(Connection)
	seen    map[connectionKey]bool
	silent  []Server
}

// connz is a page of connections in the server's own spelling.
type connz struct {
	Total       int        `json:"total"`
	Connections []connInfo `json:"connections"`
}

type connInfo struct {
	ID        uint64    `json:"cid"`
	Type      string    `json:"type"`
	IP        string    `json:"ip"`
	Port      int       `json:"port"`
	Start     time.Time `json:"start"`
	RTT       string    `json:"rtt"`
	Pending   int64     `json:"pending_bytes"`
	InMsgs    int64     `json:"in_msgs"`
	OutMsgs   int64     `json:"out_msgs"`
	Subs      uint32    `json:"subscriptions"`
	Name      string    `json:"name"`
	Lang      string    `json:"lang"`
	Version   string    `json:"version"`
	User      string    `json:"authorized_user"`
	Account   string    `json:"account"`
	Token     string    `json:"jwt"`
	IssuerKey string    `json:"issuer_key"`
	Tags      []string  `json:"tags"`
}

// page asks for one page of each server, and returns those that have more.
func (l *connectionList) page(ctx context.Context, open []Server, offset int) (more []Server, err error) {
	// By number, so that who comes meanwhile comes last.
	question := map[string]any{"auth": true, "sort": "cid", "offset": offset, "limit": l.conn.page}
	if l.account != "" {
		question["acc"] = l.account
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	err = l.conn.askAll(ctx, open, subjectConnz, body, func(r reply) bool {
		if r.fault != nil {
			l.silent = append(l.silent, r.server)
			return true
		}
		var z connz
		if json.Unmarshal(r.data, &z) != nil {
			return false
		}
		for i := range z.Connections[:min(len(z.Connections), l.conn.page)] {
			l.take(r.server, &z.Connections[i])
		}
		if len(z.Connections) > 0 && offset+len(z.Connections) < z.Total {
			more = append(more, r.server)
		}
		return true
	}, func(s Server) { l.silent = append(l.silent, s) })
	return more, err
}

func (l *connectionList) take(s Server, i *connInfo) {
	key := connectionKey{s.ID, i.ID}
	if l.seen[key] || len(l.seen) >= maxConnections {
		return
	}
	l.seen[key] = true
	if !l.isOwn(key) {
		l.each(i.connection(s))
	}
}

// isOwn recognises the connection that asks.
func (l *connectionList) isOwn(key connectionKey) bool {
	own, err := l.conn.nc.GetClientID()
	return err == nil && key.id == own && key.server == l.conn.nc.ConnectedServerId()
}

func (i *connInfo) connection(s Server) Connection {
	c := Connection{
		Server: s, ID: i.ID, Account: clip(i.Account, maxName), User: clip(i.User, maxName), Issuer: clip(i.IssuerKey, maxName),
		Tags: clipAll(i.Tags), Name: clip(i.Name, maxName), Host: clip(i.IP, maxName), Lang: clip(i.Lang, maxName),
		Version: clip(i.Version, maxName), Kind: clip(i.Type, maxName), Since: i.Start, Pending: i.Pending,
		Subs: i.Subs, InMsgs: i.InMsgs, OutMsgs: i.OutMsgs,
	}
	if i.Port > 0 {
		c.Host = fmt.Sprintf("%s:%d", c.Host, i.Port)
	}
	if d, err := time.ParseDuration(i.RTT); err == nil {
		c.RTT = d
	}
	if claims, ok := peek(i.Token); ok {
		c.UserName, c.TokenID = clip(claims.Name, maxName), clip(claims.ID, maxName)
		c.User = clip(claims.Subject, maxName)
		c.Issued, c.Expires = moment(claims.Issued), moment(claims.Expires)
	}
	return c
}

// moment is a time in a token, zero for none. JSON knows no year beyond 9999, as
// who writes milliseconds where seconds belong gets them.
func moment(seconds int64) time.Time {
	const last = 253402300799 // the last second of 9999
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(min(seconds, last), 0).UTC()
}
