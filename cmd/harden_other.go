//go:build !linux

package cmd

// harden does nothing where there is no such switch.
func harden() {}
