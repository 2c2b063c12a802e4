package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"nkeep/claims"
)

// listedToken is one token of a file that may hold many.
type listedToken struct {
	line  int
	key   string // that stands before it in a pack: KEY|token
	token string
	seed  string // that follows it in creds
	err   error  // there is no token, and why; never shows what the line holds
}

// maxTokenLine leaves room for a key, a separator and blanks beside a token.
const maxTokenLine = claims.MaxTokenSize + 1024

// tokenReader takes a file of tokens apart, one line in memory at a time.
type tokenReader struct {
	in     *bufio.Reader
	line   int
	frame  string       // what the lines of dashes around the present one announce
	framed bool         // there were such lines: text outside of them may be prose
	last   *listedToken // waits for the seed that may follow
}

// Lines of dashes announce one of these.
const (
	frameToken = "token"
	frameSeed  = "seed"
)

// tokensIn goes through the tokens of a file: one a line, bare or as KEY|token,
// decorated ones, and creds. A line that is none of these comes with an error of
// its own. The error beside a token is that of reading, and ends it.
func tokensIn(in io.Reader) iter.Seq2[listedToken, error] {
	return func(yield func(listedToken, error) bool) {
		r := tokenReader{in: bufio.NewReaderSize(in, maxTokenLine)}
		for {
			t, err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// next returns the next token as soon as it is clear that no seed follows it.
func (r *tokenReader) next() (listedToken, error) {
	for {
		text, long, err := r.readLine()
		if errors.Is(err, io.EOF) && r.last != nil {
			t := *r.last
			r.last = nil
			return t, nil
		}
		if err != nil {
			return listedToken{}, err
		}
		found := r.parse(text, long)
		if found == nil {
			continue
		}
		before := r.last
		r.last = found
		if before != nil {
			return *before, nil
		}
	}
}

// readLine reads a line; of one that is too long it skips the rest.
func (r *tokenReader) readLine() (text string, long bool, err error) {
	data, more, err := r.in.ReadLine()
	if err != nil {
		return "", false, err
	}
	r.line++
	text, long = strings.TrimSpace(string(data)), more
	for more && err == nil {
		_, more, err = r.in.ReadLine()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return text, long, err
}

// parse returns what a line holds; nil if that is no token and need not be one.
func (r *tokenReader) parse(text string, long bool) *listedToken {
	switch {
	case text == "":
		return nil
	case long:
		return &listedToken{line: r.line, err: fmt.Errorf("is longer than %d bytes, as no token is", maxTokenLine)}
	case strings.HasPrefix(text, "---") && strings.HasSuffix(text, "---"):
		r.announce(text)
		return nil
	case r.frame == frameSeed:
		if r.last != nil {
			r.last.seed = text
		}
		return nil
	case r.frame == "" && r.framed && !likeToken(text):
		return nil
	}
	t := &listedToken{line: r.line, token: text}
	if key, token, ok := strings.Cut(text, "|"); ok {
		t.key, t.token = strings.TrimSpace(key), strings.TrimSpace(token)
	}
	if !likeToken(t.token) {
		t.err = errors.New("does not hold a token")
	}
	return t
}

func (r *tokenReader) announce(dashes string) {
	r.framed = true
	switch {
	case !strings.Contains(dashes, "BEGIN"):
		r.frame = ""
	case strings.Contains(dashes, "SEED"):
		r.frame = frameSeed
	default:
		r.frame = frameToken
	}
}

func likeToken(text string) bool {
	return strings.Count(text, ".") == 2 && !strings.ContainsAny(text, " \t")
}
