// Package accountserver vends account tokens over HTTP to the URL resolvers of
// nats-servers, and to whoever else asks.
//
// A [Server] answers out of the store of one operator, which other programs may
// change meanwhile: what it remembers is compared with the file before it goes
// out, so that every answer is what lies there at that moment, and several
// servers over one store give the same answers. Nothing goes out, or comes in,
// that the operator did not sign. It signs nothing and holds no key.
//
// With a [resolver.Conn] of the system account it also answers for nats-servers
// on the wire and tells them what has changed; see [Server.Bridge].
//
// The paths are those of the account server that nats-server's documentation
// describes: /jwt/v1/accounts/KEY, /jwt/v1/activations/HASH, /jwt/v1/operator
// and /jwt/v1/pack. Nothing here is covered by a compatibility promise but
// these paths and their answers.
package accountserver
