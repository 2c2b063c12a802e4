//go:build unix

package jwtstore_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"nkeep/jwtstore"
	"nkeep/keystore" //nolint:depguard // here the test joins what only cmd joins otherwise
)

// BenchmarkAccounts lists 10,000 accounts and, in the same run, reads the same
// files one after the other with nothing else: "x-plain" is how many times as
// long the listing takes.
func BenchmarkAccounts(b *testing.B) {
	const count = 10000
	r := openRoot(b, b.TempDir())
	s := storeO(b, r)
	token, _ := accountToken(b, "A")
	must(b, r.Update(b.Context(), func(tx *jwtstore.Tx) error {
		for i := range count {
			if _, err := tx.AddAccount("O", fmt.Sprintf("A%05d", i), token); err != nil {
				return err
			}
		}
		return nil
	}))
	files := make([]string, count)
	for i := range files {
		files[i] = s.AccountPath(fmt.Sprintf("A%05d", i))
	}
	var listed, plain time.Duration
	for b.Loop() {
		start := time.Now()
		items, err := s.Accounts()
		listed += time.Since(start)
		if err != nil || len(items) != count {
			b.Fatal(len(items), err)
		}
		b.StopTimer()
		start = time.Now()
		for _, f := range files {
			if _, err := os.ReadFile(f); err != nil {
				b.Fatal(err)
			}
		}
		plain += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(listed)/float64(plain), "x-plain")
	b.ReportMetric(float64(plain.Microseconds())/float64(b.N)/1000, "plain-ms/op")
}

// benchmarkUsers adds users, each a seed, a token and creds, batch by batch.
func benchmarkUsers(b *testing.B, batch int) {
	b.Helper()
	dir := b.TempDir()
	r := openRoot(b, dir)
	ring, err := keystore.Open(dir, keystore.Options{})
	must(b, err)
	update(b, r, addOperator("O"), addAccount("A", "a.p.s"))
	users := make([]user, batch)
	n := 0
	for b.Loop() {
		b.StopTimer()
		for i := range users {
			users[i] = newUser(b)
		}
		b.StartTimer()
		must(b, r.Update(b.Context(), func(tx *jwtstore.Tx) error {
			for _, u := range users {
				n++
				if err := u.stage(tx, ring, fmt.Sprint("U", n)); err != nil {
					return err
				}
			}
			return nil
		}, ring))
	}
}

func BenchmarkAddUser(b *testing.B)       { benchmarkUsers(b, 1) }
func BenchmarkAdd1000Users(b *testing.B)  { benchmarkUsers(b, 1000) }
func BenchmarkAdd10000Users(b *testing.B) { benchmarkUsers(b, 10000) }
