package keystore

import "strings"

// CredsNames lists the users of an account that have a creds file, sorted by
// name. It opens none: whether the users still exist is not known here.
func (r *Ring) CredsNames(operator, account string) ([]string, error) {
	if err := checkNames(operator, account); err != nil {
		return nil, err
	}
	entries, err := r.dir.List(credsOf(operator, account))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), credsExt); ok && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	return names, nil
}
