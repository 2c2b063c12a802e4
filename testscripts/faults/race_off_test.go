//go:build !race

package faults

// thin leaves nothing out.
const thin = 1

// dearer is one: a process is as dear as it is.
const dearer = 1
