package resolver

import "time"

// stopwatch starts measuring and returns how to read it. Readings are only
// reported: nothing here decides by the time of day, and silence is measured
// by timers.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
