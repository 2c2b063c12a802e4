// Package testscripts runs nkeep as people do: scripts start real processes of
// it, in a home directory of their own, against real servers. Each directory
// holds the scripts of a verb or a topic. The other files here are the commands
// that scripts may use beyond those of package testscript; what nkeep does is
// none of their business.
package testscripts

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite the files that scripts compare with")
	testscript.Main(m, map[string]func(){
		"nkeep":       mainNkeep,
		"nsc":         mainNkeep,
		"nats-server": mainServer,
		"parallel":    mainParallel,
	})
}

// TestScripts runs the scripts of every directory below this one.
func TestScripts(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "faults" || e.Name() == "examples" { // packages of tests that are no scripts
			continue
		}
		ran++
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 e.Name(),
				Setup:               setup,
				Cmds:                commands(),
				UpdateScripts:       flag.Lookup("update").Value.String() == "true",
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
			})
		})
	}
	if ran == 0 {
		t.Fatal("there are no scripts")
	}
}

// TestNoScriptLeftOut makes sure that every script lies where TestScripts looks.
func TestNoScriptLeftOut(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		if filepath.Dir(filepath.Dir(path)) != "." || filepath.Dir(path) == "." {
			t.Errorf("script %s: is not run", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"acctserver":   cmdAcctServer,
		"begin":        cmdBegin,
		"certificates": cmdCertificates,
		"claims":       cmdClaims,
		"cmpmode":      cmdMode,
		"connects":     cmdConnects,
		"ends":         cmdEnds,
		"exits":        cmdExits,
		"forge":        cmdForge,
		"guide":        cmdGuide,
		"interrupt":    cmdInterrupt,
		"jsonfield":    cmdJSONField,
		"natsserver":   cmdServer,
		"nextsecond":   cmdNextSecond,
		"nscodd":       cmdNscOdd,
		"nscreads":     cmdNscReads,
		"nscstore":     cmdNscStore,
		"pub":          cmdPub,
		"received":     cmdReceived,
		"req":          cmdRequest,
		"says":         cmdSays,
		"serverconf":   cmdServerConf,
		"stdout2env":   cmdStdoutToEnv,
		"stopserver":   cmdStopServer,
		"sub":          cmdSub,
		"tree":         cmdTree,
		"version1":     cmdVersion1,
		"yamlcheck":    cmdYAML,
	}
}

// setup gives a script a home directory where nothing exists yet. STORES and
// KEYS are where a fresh nkeep puts tokens and keys.
func setup(e *testscript.Env) error {
	home := filepath.Join(e.WorkDir, "home")
	for name, value := range map[string]string{
		"HOME":        home,
		"USERPROFILE": home,
		"STORES":      filepath.Join(home, ".nsc", "nats"),
		"KEYS":        filepath.Join(home, ".nkeys"),
		"TZ":          "UTC",
		"GORACE":      noRaceDelay,
	} {
		e.Setenv(name, value)
	}
	e.Values[sessionKey{}] = &session{servers: map[string]*server{}, subs: map[string]*subscription{}, companions: map[string]*companion{}}
	return os.Mkdir(home, 0o700)
}

// noRaceDelay makes a process under the race detector end at once.
const noRaceDelay = "atexit_sleep_ms=0"

type sessionKey struct{}

// session is what runs beside a script.
type session struct {
	servers    map[string]*server
	subs       map[string]*subscription
	companions map[string]*companion
	acctServer *acctServer // nil for none
}

func sessionOf(ts *testscript.TestScript) *session {
	s, _ := ts.Value(sessionKey{}).(*session)
	return s
}
