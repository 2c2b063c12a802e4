package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestReadersDuringAChange reads ahead of every step of a change that is under
// way: each time the old or the new, and never the old again after the new.
func TestReadersDuringAChange(t *testing.T) {
	t.Parallel()
	for line, read := range map[string]string{
		"add user V -a A":          "list users -a A --json",
		"edit account A --tag new": "describe account A --json -F nats.tags",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, usual()...)
			seen := []string{h.must(t, read).stdout}
			r := h.run(func(string, string) error {
				if r := h.run(nil, read); r.code != 0 || r.stderr != "" {
					t.Errorf("a reader meanwhile: %s", r)
				} else if r.stdout != seen[len(seen)-1] {
					seen = append(seen, r.stdout)
				}
				return nil
			}, line)
			if r.code != 0 || len(seen) != 2 || seen[1] != h.must(t, read).stdout {
				t.Errorf("%s\nreaders have seen %q", r, seen)
			}
		})
	}
}

// TestFileReplacedWhileRead renames two versions of a token over each other as
// fast as it goes: a reader sees one or the other, whole.
func TestFileReplacedWhileRead(t *testing.T) {
	t.Parallel()
	h := newHome(t, usual()...)
	token := filepath.Join(h.dir, ".nsc/nats/O/accounts/A/A.jwt")
	var versions []string
	for _, line := range []string{"edit account A --description one", "edit account A --description the_other_which_is_longer"} {
		h.must(t, line)
		data, err := os.ReadFile(token)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, string(data))
	}
	stop := make(chan struct{})
	var replacing sync.WaitGroup
	replacing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			h.write(t, token+".theirs", versions[i%2])
			rename(t, token+".theirs", token)
		}
	})
	seen := map[string]int{}
	for range 100 {
		r := h.run(nil, "describe account A --json")
		var v struct {
			Nats struct{ Description string } `json:"nats"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &v); err != nil || r.code != 0 || r.stderr != "" {
			t.Fatalf("%v: %s", err, r)
		}
		seen[v.Nats.Description]++
	}
	close(stop)
	replacing.Wait()
	if seen["one"]+seen["the_other_which_is_longer"] != 100 {
		t.Errorf("seen: %v", seen)
	}
}
