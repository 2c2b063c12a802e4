package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nkeep/render"
	"nkeep/resolver"

	"github.com/dustin/go-humanize/english"
	"github.com/nats-io/nkeys"
)

// eventShow shows events, with accounts by the names that the store has for them.
type eventShow struct {
	*app
	known  map[string]string                   // names by public key
	others func(public string) (string, error) // of accounts, from the store
}

func newEventShow(a *app, op *operator) *eventShow {
	return &eventShow{app: a, known: map[string]string{}, others: op.store.NamesOfAccounts()}
}

// view is an event as it is shown.
func (s *eventShow) view(e resolver.Event) eventView {
	return eventView{
		Event: e, Time: render.Time(e.Time.Unix()), Account: s.account(e), User: orID(e.UserName, e.User),
		Client: strings.TrimSpace(e.Client.Lang + " " + e.Client.Version),
	}
}

// account leaves out the account in which a server keeps those whom it refuses.
func (s *eventShow) account(e resolver.Event) string {
	if e.Kind == resolver.EventAuthError && e.Account == "$G" {
		return ""
	}
	if name := s.name(e.Account); name != "" {
		return name
	}
	return orID(e.AccountName, e.Account)
}

// name is what the store calls an account, "" if it does not know it.
func (s *eventShow) name(public string) string {
	if name, ok := s.known[public]; ok || !nkeys.IsValidPublicAccountKey(public) {
		return name
	}
	name, err := s.others(public)
	if err != nil {
		s.out.Warnf("names of accounts are not known: %v", err)
	}
	s.known[public] = name
	return name
}

func orID(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// eventView is one event as it is shown.
type eventView struct {
	resolver.Event
	Time    render.Time
	Account string
	User    string
	Client  string
}

// MarshalJSON implements [json.Marshaler]: the event with its original, and the
// names that the store has.
func (v eventView) MarshalJSON() ([]byte, error) {
	e := v.Event
	if v.Account != "" && v.Account != e.Account {
		e.AccountName = v.Account
	}
	return json.Marshal(e)
}

// Text implements [render.View].
func (v eventView) Text(t *render.Text) {
	line := []string{v.Time.String(), fmt.Sprintf("%-13s", kindName(v.Kind))}
	for _, part := range []struct{ label, value string }{
		{"", v.who()}, {"", v.certificate()}, {"", v.said()}, {"from ", v.Event.Client.Host}, {"client ", v.Client}, {"on ", v.Server.Name}, {"reason: ", v.Reason},
	} {
		if part.value != "" {
			line = append(line, part.label+part.value)
		}
	}
	t.Colored(kindColor(v.Kind), "%s", strings.Join(line, " "))
}

func (v eventView) who() string {
	if v.User == "" || v.Account == "" {
		return v.Account + v.User
	}
	return v.Account + "/" + v.User
}

// certificate is the one that was refused, or found invalid.
func (v eventView) certificate() string {
	c, whose := v.Peer, v.Event.Client.Kind
	if v.Kind == resolver.EventCertInvalid && v.Link != v.Peer {
		c, whose = v.Link, "for "+v.Peer.Subject
	}
	if c.Subject == "" {
		return ""
	}
	text := c.Subject + " issued by " + c.Issuer
	if whose != "" {
		text += " (" + whose + ")"
	}
	return text
}

// said is what there is to count.
func (v eventView) said() string {
	if st := v.Statistics; st != nil {
		return fmt.Sprintf("%s, CPU %.0f %% of %d, memory %s, %s", english.Plural(st.Connections, "connection", ""), st.CPU, st.Cores, bytesOf(st.Memory),
			english.Plural(int(st.SlowConsumers), "slow consumer", ""))
	}
	if v.Connections == nil {
		return ""
	}
	return english.Plural(*v.Connections, "connection", "")
}

// kindName is the kind of an event as people call it.
func kindName(kind resolver.EventKind) string {
	switch kind {
	case resolver.EventAuthError:
		return "refused"
	case resolver.EventClaimsUpdate:
		return "claims"
	case resolver.EventServerStats:
		return "statistics"
	case resolver.EventLameDuck:
		return "leaving"
	case resolver.EventCertRefused:
		return "cert refused"
	case resolver.EventCertInvalid:
		return "cert invalid"
	default:
		return string(kind)
	}
}

func kindColor(kind resolver.EventKind) render.Color {
	switch kind {
	case resolver.EventAuthError, resolver.EventCertRefused, resolver.EventCertInvalid, resolver.EventLost:
		return render.Red
	case resolver.EventConnect:
		return render.Green
	case resolver.EventShutdown, resolver.EventLameDuck:
		return render.Yellow
	case resolver.EventClaimsUpdate:
		return render.Blue
	default:
		return render.Plain
	}
}

// eventTotals counts events.
type eventTotals struct {
	Events int            `json:"events"`
	Kinds  map[string]int `json:"kinds"`
}

func (v *eventTotals) add(e resolver.Event) {
	v.Events++
	v.Kinds[string(e.Kind)]++
}

// Text implements [render.View].
func (v eventTotals) Text(t *render.Text) {
	t.Linef("%s", plural(v.Events, "event"))
	for _, kind := range slices.Sorted(maps.Keys(v.Kinds)) {
		t.Linef("  %-13s %d", kindName(resolver.EventKind(kind)), v.Kinds[kind])
	}
}
