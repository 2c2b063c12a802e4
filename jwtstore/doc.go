// Package jwtstore owns every token on disk: the JWTs of operators, their
// accounts and users, by default below ~/.nsc, and the saved selection beside
// them. It knows where a token lies and what it says of itself; whether it can
// be trusted is decided by package claims, and secrets are the business of
// package keystore.
//
// The packages of this module can be imported, but what is kept stable is the
// command line, its JSON and the files on disk.
package jwtstore
