//go:build race

package faults

// thin is how many of the costliest trials are left out under the race
// detector, which slows each: all but one of so many. What a disk does is no
// question of races, and without the detector every trial is made.
const thin = 5

// dearer is how many times as much a process may take under the race detector,
// which is not what the bounds are about.
const dearer = 5
