package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	"nkeep/claims"
)

// Exit codes. They are part of the contract and never change.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitExists      = 4
	exitChecks      = 5
	exitInterrupted = 130 // 128 and the number of SIGINT
	exitTerminated  = 143 // of SIGTERM
)

// usageError is a command line that cannot be carried out as it stands.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// checksError says that everything ran and something was found wanting.
type checksError struct{ error }

func (e checksError) Unwrap() error { return e.error }

// hintedError carries the next command to run. The innermost hint stays: it
// knows most of what went wrong.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

func withHint(err error, format string, args ...any) error {
	if err == nil || hintOf(err) != "" {
		return err
	}
	return hintedError{err, fmt.Sprintf(format, args...)}
}

// hintIf adds a hint to one kind of error: to others it would not help.
func hintIf(err, kind error, hint string) error {
	if !errors.Is(err, kind) {
		return err
	}
	return withHint(err, "%s", hint)
}

// interruptedError is what a run that was told to stop ends with.
type interruptedError struct{ cause error }

func (interruptedError) Error() string { return "interrupted" }

// Is makes it a [context.Canceled].
func (interruptedError) Is(target error) bool { return target == context.Canceled }

// missingError says in its own words that something is not there.
type missingError string

func (e missingError) Error() string { return string(e) }

// Is makes it an [fs.ErrNotExist].
func (e missingError) Is(target error) bool { return target == fs.ErrNotExist }

func missingf(format string, args ...any) error { return missingError(fmt.Sprintf(format, args...)) }

// presentError says in its own words that something is there already.
type presentError string

func (e presentError) Error() string { return string(e) }

// Is makes it an [fs.ErrExist].
func (e presentError) Is(target error) bool { return target == fs.ErrExist }

func presentf(format string, args ...any) error {
	return presentError(fmt.Sprintf(format, args...))
}

// badEdit is an edit that claims refuse: something to be removed is not there,
// something to be added is, or a value is wrong.
func badEdit(err error) error {
	switch {
	case errors.Is(err, claims.ErrAbsent):
		return missingError(err.Error())
	case errors.Is(err, claims.ErrPresent):
		return presentError(err.Error())
	}
	if wrong, ok := errors.AsType[claims.FieldError](err); ok && (wrong.Field == "nbf" || wrong.Field == "exp") {
		return withHint(usageError{err}, "--start says when it begins to be valid, --expiry when it ends; 0 takes a time away")
	}
	return usageError{err}
}

// namedError is an error about keys in the words of those who know them by name.
type namedError struct {
	error
	names *strings.Replacer
}

func (e namedError) Error() string { return e.names.Replace(e.error.Error()) }

func (e namedError) Unwrap() error { return e.error }

// inNames puts names into an error for the keys that it quotes.
func inNames(err error, names map[string]string) error {
	if err == nil {
		return nil
	}
	var pairs []string
	for key, name := range names {
		pairs = append(pairs, strconv.Quote(key), strconv.Quote(name))
	}
	return namedError{err, strings.NewReplacer(pairs...)}
}

// hintOf is the hint of an error, empty for none.
func hintOf(err error) string {
	h, _ := errors.AsType[hintedError](err)
	return h.hint
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, new(usageError)), errors.Is(err, fs.ErrInvalid):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return interruptedCode(err)
	case errors.As(err, new(checksError)):
		return exitChecks
	case errors.Is(err, fs.ErrNotExist):
		return exitNotFound
	case errors.Is(err, fs.ErrExist):
		return exitExists
	}
	return exitFailed
}

func interruptedCode(err error) int {
	interrupted, _ := errors.AsType[interruptedError](err)
	if by, ok := errors.AsType[stopped](interrupted.cause); ok && by.signal == syscall.SIGTERM {
		return exitTerminated
	}
	return exitInterrupted
}
