//go:build unix

package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/internal/testrun"
)

// stage is a home directory as somebody has got it with a few commands more.
type stage struct {
	name, after string
	lines       []string
	files       func(*testing.T, *world) // that lie there, too; nil for none
}

// stages are in the order in which one stands on the other. The names in them are
// those that all examples use.
func stages() []stage {
	return []stage{
		{"nothing", "", nil, looseFiles},
		{"bare", "nothing", []string{"add operator ACME"}, nil},
		{"operator", "nothing", []string{"add operator ACME --sys --generate-signing-key"}, nil},
		{"accounts", "operator", []string{"add account SHOP", "add account AUTH", "add user service -a AUTH", "add account ORDERS"}, nil},
		{"roles", "accounts", []string{"edit signing-key --sk generate --role reader --allow-sub orders.>"}, nil},
		{"users", "roles", []string{"add user shop", "add user desk"}, nil},
		{"exports", "users", []string{
			"add export -s orders.>",
			"add export -s eu.*.*",
			"add export -s audit.> --private",
			"add export prices -s prices.get --service --private",
			"add export pay -s pay --service --latency pay.latency --sampling 10",
			"generate activation -a ORDERS -s prices.get -t SHOP -o prices.jwt",
		}, nil},
		{"full", "exports", []string{
			"add import -a SHOP --src-account ORDERS --remote-subject orders.>",
			"add import -a SHOP --token prices.jwt",
			"add mapping -f orders.new -t orders.v2.new",
			"add mapping -f orders.> -t west.orders.> --cluster west",
			"generate nkey --user --store", // which nothing refers to
			"describe account ORDERS --raw -o ORDERS.jwt",
			"describe user shop --raw -o shop.jwt",
			"generate creds -n shop -o shop.creds",
			"generate creds -a SYS -n sys -o sys.creds",
			"add user serve -a SYS",
			"generate creds -a SYS -n serve -o serve.creds",
			"export keys -A -d backup --include-jwts",
		}, keptElsewhere},
		{"revoked", "full", []string{
			"revocations add-user shop",
			"revocations add-user -u *",
			"revocations add-activation -s prices.get -t SHOP",
			"revocations add-activation -s orders.> -t *",
		}, nil},
		{"moved", "full", nil, moveStores},
		{"anew", "moved", []string{"add operator ACME --sys --tag anew"}, nil},
	}
}

// place is where a line makes sense.
type place struct {
	stage   string
	running bool   // beside a nats-server
	lost    string // what is gone, below the home directory
	first   string // what was typed before
}

// places says where a line makes sense, by how it begins.
func places() map[string]place {
	running := place{stage: "full", running: true}
	return map[string]place{
		"":                                    {stage: "full"},
		"nkeep init":                          {stage: "nothing"},
		"nkeep load":                          {stage: "nothing"},
		"nkeep up":                            {stage: "nothing"},
		"nkeep add operator":                  {stage: "nothing"},
		"nkeep add account":                   {stage: "operator"},
		"nkeep add account BILLING -K":        {stage: "full"},
		"nkeep add user":                      {stage: "roles"},
		"nkeep add export":                    {stage: "users"},
		"nkeep add import":                    {stage: "exports"},
		"nkeep add mapping":                   {stage: "exports"},
		"nkeep delete account ORDERS --push":  running,
		"nkeep delete operator ACME":          {stage: "bare"},
		"nkeep delete operator ACME --force":  {stage: "full"},
		"helm":                                {stage: "full", first: "generate helm-values -o auth.yaml"},
		"nats":                                running,
		"nats-server":                         {stage: "full", first: "generate config --nats-resolver --config-file server.conf"},
		"nkeep -H ./ci list":                  {stage: "nothing", first: "-H ./ci add operator CI --sys"},
		"nkeep diff":                          running,
		"nkeep edit operator --sk generate":   {stage: "operator"},
		"nkeep edit signing-key --sk":         {stage: "accounts"},
		"nkeep events":                        running,
		"nkeep export keys -d backup":         {stage: "full", lost: "backup"},
		"nkeep import account":                {stage: "full", lost: ".nsc/nats/ACME/accounts/ORDERS"},
		"nkeep import keys":                   {stage: "full", lost: ".nkeys/keys"},
		"nkeep import user --file shop.creds": {stage: "full", lost: ".nsc/nats/ACME/accounts/ORDERS/users/shop.jwt"},
		"nkeep migrate":                       {stage: "anew"},
		"nkeep pull":                          running,
		"nkeep pull --rebuild":                {stage: "full", running: true, lost: ".nsc/nats/ACME"},
		"nkeep push":                          running,
		"nkeep revocations delete-user":       {stage: "revoked"},
		"nkeep revocations delete-activation": {stage: "revoked"},
		"nkeep revocations list-users":        {stage: "revoked"},
		"nkeep revocations list-activations":  {stage: "revoked"},
		"nkeep revocations add-user shop -a ORDERS --push": running,
		"nkeep serve --listen":                             running,
		"nkeep serve --nats":                               running,
		"nkeep server":                                     running,
		"nkeep tool":                                       running,
	}
}

// prepare goes through all stages, and returns a home directory for each.
func prepare(t *testing.T) map[string]string {
	t.Helper()
	homes := map[string]string{}
	for _, s := range stages() {
		w := &world{home: filepath.Join(testrun.Scratch(t), "home")}
		if s.after == "" {
			if err := os.Mkdir(w.home, 0o700); err != nil {
				t.Fatal(err)
			}
		} else {
			copyHome(t, homes[s.after], w.home)
		}
		for _, line := range s.lines {
			w.nkeep(t, strings.Fields(line)...)
		}
		if s.files != nil {
			s.files(t, w)
		}
		homes[s.name] = w.home
	}
	return homes
}

// copyHome copies a home directory, so that the copy is a home of its own.
func copyHome(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		if e.IsDir() {
			return os.Mkdir(target, info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if e.Name() == "nsc.json" { // says where the stores are
			data = []byte(strings.ReplaceAll(string(data), from, to))
		}
		return os.WriteFile(target, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}
