//go:build !race

package faults

// thin leaves nothing out.
const thin = 1
