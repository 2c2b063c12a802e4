// Package claims builds, edits, checks and explains the claims of NATS JWTs
// as plain data.
//
// It owns what may stand in an operator, account, user or activation claim: the
// shape of new claims (New…, of an ImportSpec or an ActivationSpec), the edits
// people make (OperatorEdit, AccountEdit, UserEdit, ExportEdit), the textual
// syntaxes of single values (Parse…), the judgement of claims (Check) and of
// tokens (Verify…), who may sign what (…Signers), and how two claims differ
// (Diff).
//
// It leaves to others: keys and seeds, files, the network, and the clock.
// Whatever depends on the time takes a now. Signing takes a function that does
// it; only the iat that jwt stamps is the machine's time. Encode keeps what
// newer programs have put into a token that is signed again.
//
// The Go API is internal to this project; what is promised to users are
// commands, files and JSON, among them the JSON forms of Change and Issue.
package claims
