package cmd

import (
	"fmt"
	"io"
)

// inventName makes a name for somebody who does not care, from the run's randomness.
func (a *app) inventName() (string, error) {
	first := [...]string{"amber", "brave", "calm", "deep", "early", "fair", "gentle", "happy", "ivory", "jolly", "keen", "light", "mellow", "noble", "olive", "proud"}
	second := [...]string{"ash", "birch", "cedar", "dove", "elm", "finch", "grove", "heron", "iris", "jay", "kite", "lark", "maple", "newt", "otter", "pine"}
	var b [3]byte
	if _, err := io.ReadFull(a.env.Rand, b[:]); err != nil {
		return "", fmt.Errorf("invent a name: %w", err)
	}
	return fmt.Sprintf("%s_%s%d", first[b[0]%16], second[b[1]%16], b[2]), nil
}
