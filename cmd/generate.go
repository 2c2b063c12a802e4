package cmd

import (
	"errors"
	"fmt"
	"os"

	"nkeep/render"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newGenerate(a *app) *cobra.Command {
	return newGroup("generate", "Generate server configuration, creds, contexts, keys, activations and diagrams", "  nkeep generate config --nats-resolver --config-file server.conf\n  nkeep generate creds -a ORDERS -n shop",
		newGenerateConfig(a), newGenerateCreds(a), newGenerateNkey(a), newGenerateActivation(a), newGenerateContext(a), newGenerateProfile(a),
		newGenerateDiagram(a), newGenerateSecret(a), newGenerateHelmValues(a), newGenerateServerDir(a))
}

// written says where a file that was asked for went.
type written struct {
	File string `json:"file"`
}

// Text implements [render.View].
func (v written) Text(t *render.Text) { t.Linef("wrote %s", v.File) }

// bindOutput binds where a result goes.
func bindOutput(f *pflag.FlagSet, to *string) {
	f.StringVarP(to, "output-file", "o", onStdout, "write to this file; -- is stdout")
}

// deliverFile writes a file that was asked for by name, and says so.
func (a *app) deliverFile(name string, data []byte, perm os.FileMode, replace bool) error {
	file := a.path(name)
	fd, ok := descriptor(file)
	if !ok {
		if err := render.WriteFile(file, data, perm, replace); err != nil {
			return err
		}
		return a.out.Show(written{file})
	}
	if err := a.writeDescriptor(fd, data); err != nil {
		return fmt.Errorf("write %q: %w", file, bare(err))
	}
	return a.out.Show(written{file})
}

// writeDescriptor writes to what the shell has opened, as >(…) or 3>file.
func (a *app) writeDescriptor(fd int, data []byte) error {
	if fd == 2 {
		_, err := a.env.Stderr.Write(data)
		return err
	}
	f := os.NewFile(uintptr(fd), "")
	_, err := f.Write(data)
	return errors.Join(err, f.Close())
}
