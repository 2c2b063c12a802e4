// Package resolver is the wire: it talks to running nats-servers over the
// $SYS subjects and to account servers over HTTP.
//
// [Dial] logs in to a server; the [Conn] it returns calls the roll
// ([Conn.RollCall]), pushes account claims ([Conn.Push], [Conn.UpdateLoaded]),
// asks what is stored and in force ([Conn.List], [Conn.Lookup],
// [Conn.InForce]) and watches events ([Conn.Watch]). An [HTTP] client fetches
// tokens from an account server and posts accounts to it.
//
// It is the only package that knows NATS and HTTP clients. It signs nothing
// and stores nothing: callers hand in tokens and an [Identity], and judge the
// tokens they get back. Answers are bounded in size, number and time, and must
// come from a named server; whether a token is trusted is for the caller to
// verify. Nothing here is covered by a compatibility promise.
//
// The subjects and envelopes are those of nats-server 2.15.
package resolver
