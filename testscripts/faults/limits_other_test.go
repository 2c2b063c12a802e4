//go:build unix && !linux

package faults

import "fmt"

// prepare knows no limits here.
func prepare(kind, _ string) error {
	if kind == "plain" {
		return nil
	}
	return fmt.Errorf("%s: is not known on this system", kind)
}
