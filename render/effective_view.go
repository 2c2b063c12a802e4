package render

import "github.com/nats-io/jwt/v2"

// Effective is what a user may do once it has logged in.
type Effective struct {
	User      string                   `json:"user"`
	PublicKey string                   `json:"public_key"`
	Account   string                   `json:"account"`
	Role      string                   `json:"role,omitempty"` // that decides, if one does
	Rights    jwt.UserPermissionLimits `json:"effective"`
}

// Text implements [View].
func (v Effective) Text(t *Text) {
	var f fields
	f.add("Name", v.User)
	f.add("User ID", v.PublicKey)
	f.add("Account", v.Account)
	f.optional("Role", v.Role)
	f.rights(&v.Rights)
	t.Fields("Effective Permissions", f)
}
