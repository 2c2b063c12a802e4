package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// MaxExpanded is how many subjects nats-server lets one subject of a template become.
const MaxExpanded = 4096

// everything is the subject that covers all.
const everything = ">"

// Effective returns what a user of the account may do, as nats-server works it out
// when the user logs in. For a user that a scoped key has issued it is the template
// of the scope, filled in; for another one its own permissions and limits, or the
// account's default permissions in place of none. An error says why the server
// refuses the user. The result shares nothing with ac and u.
func Effective(ac *jwt.AccountClaims, u *jwt.UserClaims) (jwt.UserPermissionLimits, error) {
	if scope, ok := ScopeOf(ac, u.Issuer); ok {
		return expand(scope.Template, templateValues(ac, u))
	}
	own := u.UserPermissionLimits
	if own.Pub.Empty() && own.Sub.Empty() && own.Resp == nil {
		own.Permissions = ac.DefaultPermissions
	}
	own.Permissions = clonePermissions(own.Permissions)
	return own, nil
}

func clonePermissions(p jwt.Permissions) jwt.Permissions {
	for _, list := range []*jwt.StringList{&p.Pub.Allow, &p.Pub.Deny, &p.Sub.Allow, &p.Sub.Deny} {
		*list = slices.Clone(*list)
	}
	if p.Resp != nil {
		resp := *p.Resp
		p.Resp = &resp
	}
	return p
}

// templateValues returns a function that says what a template function stands for:
// one value, as many as there are tags of that key, or none. Ok is false for what is
// no template function.
func templateValues(ac *jwt.AccountClaims, u *jwt.UserClaims) func(call string) (values []string, ok bool) {
	return func(call string) ([]string, bool) {
		lower := strings.ToLower(call)
		switch lower {
		case "name()":
			return []string{u.Name}, true
		case "subject()":
			return []string{u.Subject}, true
		case "account-name()":
			return []string{ac.Name}, true
		case "account-subject()":
			return []string{ac.Subject}, true
		}
		for prefix, tags := range map[string]jwt.TagList{"tag(": u.Tags, "account-tag(": ac.Tags} {
			if !strings.HasPrefix(lower, prefix) || !strings.HasSuffix(call, ")") {
				continue
			}
			// The server knows the functions in capitals, and then finds no tag.
			if !strings.HasPrefix(call, prefix) {
				return nil, true
			}
			return valuesOf(tags, lower[len(prefix):len(lower)-1]), true
		}
		return nil, false
	}
}

// valuesOf are the values of the tags "key:value". The key is in lower case, as
// those of a tag have to be for the server to find it.
func valuesOf(tags jwt.TagList, key string) []string {
	var values []string
	for _, tag := range tags {
		if value, ok := strings.CutPrefix(tag, key+":"); ok {
			values = append(values, value)
		}
	}
	return values
}

// expand fills in the subjects of a template.
func expand(template jwt.UserPermissionLimits, values func(string) ([]string, bool)) (jwt.UserPermissionLimits, error) {
	out := template
	out.Permissions = clonePermissions(template.Permissions)
	var errs []error
	for _, p := range []*jwt.Permission{&out.Pub, &out.Sub} {
		allowed, err := expandList(p.Allow, values, false)
		errs = append(errs, err)
		denied, err := expandList(p.Deny, values, true)
		errs = append(errs, err)
		// Without a list everything would be allowed, where the template meant a few.
		if len(p.Allow) > 0 && len(allowed) == 0 && !slices.Contains(denied, everything) {
			denied = append(denied, everything)
		}
		p.Allow, p.Deny = allowed, denied
	}
	return out, errors.Join(errs...)
}

// expandList fills in the subjects of one list, each once. What comes out as no
// subject is left out of what is allowed, and is an error in what is denied. A list
// without templates stays as it is; in one with them, no subject may name a queue.
func expandList(list []string, values func(string) ([]string, bool), deny bool) ([]string, error) {
	if !slices.ContainsFunc(list, hasTemplate) {
		return withoutNonsense(list), nil
	}
	var out []string
	seen := map[string]bool{}
	for _, subject := range list {
		full, err := expandSubject(subject, values)
		if errors.Is(err, ErrAbsent) && !deny {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("subject %q: %w", clip(subject), err)
		}
		for _, s := range full {
			switch valid := subjectProblem(s) == nil; {
			case !valid && deny:
				return nil, fmt.Errorf("subject %q: becomes %q, which is no subject", clip(subject), clip(s))
			case valid && !seen[s]:
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// withoutNonsense leaves out what the server takes for no subject, unless that is all
// there is: then it allows, or denies, nothing.
func withoutNonsense(list []string) []string {
	good := slices.DeleteFunc(slices.Clone(list), func(s string) bool { _, err := ParseSubscribe(s); return err != nil })
	if len(good) == 0 {
		return list
	}
	return good
}

func hasTemplate(subject string) bool {
	_, _, ok := cutTemplate(subject)
	return ok
}

// cutTemplate finds the first template function of a subject: what stands between
// the braces, and what comes after.
func cutTemplate(subject string) (call, after string, ok bool) {
	for rest := subject; ; {
		_, inner, opened := strings.Cut(rest, "{{")
		call, after, closed := strings.Cut(inner, "}}")
		if !opened || !closed {
			return "", "", false
		}
		if call != "" {
			return call, after, true
		}
		rest = after
	}
}

// expandSubject fills in one subject: with several values of several functions it
// becomes as many as there are ways to choose among them. A function without a value
// is an error that wraps [ErrAbsent].
func expandSubject(subject string, values func(string) ([]string, bool)) ([]string, error) {
	out := []string{subject}
	for rest, ways := subject, 1; ; {
		call, after, ok := cutTemplate(rest)
		if !ok {
			return out, nil
		}
		rest = after
		chosen, ok := values(strings.TrimSpace(call))
		ways *= len(chosen)
		switch {
		case !ok:
			return nil, fmt.Errorf("{{%s}} is no template function", clip(call))
		case len(chosen) == 0:
			return nil, fmt.Errorf("a value of {{%s}}: %w", clip(call), ErrAbsent)
		case ways > MaxExpanded:
			return nil, fmt.Errorf("becomes more than %d subjects", MaxExpanded)
		}
		// Wherever a function stands in the subject, it has the same value.
		var next []string
		for _, s := range out {
			if !strings.Contains(s, "{{"+call+"}}") {
				next = append(next, s)
				continue
			}
			for _, v := range chosen {
				next = append(next, strings.ReplaceAll(s, "{{"+call+"}}", v))
			}
		}
		out = next
	}
}
