package resolver

import (
	"errors"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text    string
		refused bool
	}{
		"usual":              {"INFO {}\r\nPONG\r\nMSG a 1 5\r\nMSG \n\r\nHMSG a 1 r 12 13\r\nNATS/1.0\r\n\r\nx\r\n+OK\r\n", false},
		"long line":          {"INFO {" + strings.Repeat("x", maxLine) + "\r\n", true},
		"line without end":   {strings.Repeat("x", maxLine+1), true},
		"large message":      {"MSG a 1 32000000\r\n", false},
		"too large a one":    {"MSG a 1 99999999999\r\n", true},
		"with headers":       {"HMSG a 1 5 99999999999\r\n", true},
		"blank at the end":   {"MSG a 1 99999999999 \t\r\n", true},
		"no number":          {"MSG a 1 x\r\n", true},
		"negative":           {"MSG a 1 -1\r\n", true},
		"within a payload":   {"MSG a 1 25\r\nMSG a 1 99999999999999999\n\r\n", false},
		"after a payload":    {"MSG a 1 2\r\nxx\r\nMSG a 1 99999999999\r\n", true},
		"encrypted":          {"INFO {}\r\n\x16\x03MSG a 1 99999999999\r\n", false},
		"encrypted at first": {"\x16\x03MSG a 1 99999999999\r\n", false},
		"websocket":          {"HTTP/1.1 101 Switching Protocols\r\nMSG a 1 99999999999\r\n", false},
	} {
		for _, piece := range []int{1, 7, len(tc.text)} {
			g, err := &guard{}, error(nil)
			for at := 0; at < len(tc.text) && err == nil; at += piece {
				err = g.watch([]byte(tc.text[at:min(at+piece, len(tc.text))]))
			}
			if errors.Is(err, errUnbounded) != tc.refused {
				t.Errorf("%s, in pieces of %d: %v", name, piece, err)
			}
		}
	}
}
