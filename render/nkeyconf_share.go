package render

import (
	"time"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
)

// export is an export; a private one names the accounts that import it now.
func (n *nkeyEncoder) export(ac *NkeyAccount, x *jwt.Export) confMap {
	m := confMap{{exchangeKind(x.Type), string(x.Subject)}}
	if x.TokenReq {
		m.add("accounts", n.importers(ac, x))
	}
	if x.AccountTokenPosition > 0 {
		m.add("account_token_position", x.AccountTokenPosition)
	}
	if x.Type != jwt.Service {
		return m
	}
	switch x.ResponseType {
	case jwt.ResponseTypeStream:
		m.add("response_type", "stream")
	case jwt.ResponseTypeChunked:
		m.add("response_type", "chunked")
	default:
	}
	if x.ResponseThreshold > 0 {
		m.add("response_threshold", x.ResponseThreshold.String())
	}
	if x.Latency != nil && !x.IsSingleResponse() { // a server starts with such a token, and not with such a configuration
		n.lose("account %q: the latency of export %q, which answers with more than one message", ac.Name, x.Subject)
	} else if x.Latency != nil {
		latency := confMap{{"subject", string(x.Latency.Results)}}
		if x.Latency.Sampling == jwt.Headers {
			latency.add("sampling", "headers")
		} else {
			latency = append(latency, confEntry{"sampling", int64(x.Latency.Sampling)})
		}
		m.add("latency", latency)
	}
	m.add("allow_trace", x.AllowTrace)
	return m
}

// importers are the accounts that may import a private export: those that do, and whose activation was not revoked. While
// there are none it is the account itself, since an empty list would let everybody in.
func (n *nkeyEncoder) importers(ac *NkeyAccount, x *jwt.Export) []any {
	var names []any
	for _, key := range sortedKeys(n.byKey) {
		by := n.byKey[key]
		if by != ac && n.activated(by, ac, x) {
			names = append(names, by.Name)
		}
	}
	if len(names) == 0 {
		return []any{ac.Name}
	}
	return names
}

// activated reports whether an account has an activation for what it takes from a private export.
func (n *nkeyEncoder) activated(by, ac *NkeyAccount, x *jwt.Export) bool {
	for _, im := range by.Claims.Imports {
		if im == nil || !claims.Uses(im, ac.Claims.Subject, x) {
			continue
		}
		act, err := claims.VerifyActivation(im.Token, ac.Claims)
		if err != nil || act.Subject != by.Claims.Subject || claims.StandingAt(act.Claims(), n.now).Level != "" {
			continue
		}
		if !x.Revocations.IsRevoked(act.Subject, time.Unix(act.IssuedAt, 0)) {
			return true
		}
	}
	return false
}

// imported is an import; ok is false when there is nothing to import, of which nats-server would not even start.
func (n *nkeyEncoder) imported(ac *NkeyAccount, im *jwt.Import) (m confMap, ok bool) {
	remote := claims.RemoteSubject(im)
	from, known := n.byKey[im.Account]
	if !known || !n.exported(from, ac, im) {
		n.lose("account %q: its import of %s %q, which account %s does not export to it", ac.Name, im.Type, remote, im.Account)
		return nil, false
	}
	m = confMap{{exchangeKind(im.Type), confMap{{"account", from.Name}, {"subject", string(remote)}}}}
	switch to := im.GetTo(); {
	case im.LocalSubject != "":
		m.add("to", string(im.LocalSubject))
	case im.IsStream():
		m.add("prefix", to)
	case im.Subject != remote:
		m.add("to", string(im.Subject))
	}
	if im.IsStream() {
		m.add("allow_trace", im.AllowTrace)
	} else {
		m.add("share", im.Share)
	}
	return m, true
}

func (n *nkeyEncoder) exported(from, to *NkeyAccount, im *jwt.Import) bool {
	for _, x := range from.Claims.Exports {
		if x != nil && claims.Uses(im, im.Account, x) && (!x.TokenReq || n.activated(to, from, x)) {
			return true
		}
	}
	return false
}

func exchangeKind(t jwt.ExportType) string {
	if t == jwt.Service {
		return "service"
	}
	return "stream"
}
