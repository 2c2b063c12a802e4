// Package keystore owns every secret on disk: the seeds of nkeys and the creds
// files of users, by default below ~/.nkeys. It reads them only when nobody
// else can, and only when they hold the key that their name says. Tokens are
// the business of package jwtstore; what a key may sign is decided by claims.
//
// The packages of this module can be imported, but what is kept stable is the
// command line, its JSON and the files on disk.
package keystore
