// Package safefile keeps files whole: it reads beneath a directory without
// following links, replaces files atomically, and changes many files as one
// transaction that survives a crash, a full disk and other processes.
//
// It owns the dot-files that nkeep adds to a store, all below [Private]: the
// lock and the journal. Losing them loses no data. What the files mean, and
// where they lie, is the business of the two stores above it.
package safefile
