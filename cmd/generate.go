package cmd

import (
	"os"

	"nkeep/render"

	"github.com/spf13/cobra"
)

func newGenerate(a *app) *cobra.Command {
	return newGroup("generate", "Generate server configuration, creds and keys", "  nkeep generate config --nats-resolver --config-file server.conf\n  nkeep generate creds -a ORDERS -n shop",
		newGenerateConfig(a), newGenerateCreds(a), newGenerateNkey(a))
}

// written says where a file that was asked for went.
type written struct {
	File string `json:"file"`
}

// Text implements [render.View].
func (v written) Text(t *render.Text) { t.Linef("wrote %s", v.File) }

// deliverFile writes a file that was asked for by name, and says so.
func (a *app) deliverFile(name string, data []byte, perm os.FileMode, replace bool) error {
	file := a.path(name)
	if err := render.WriteFile(file, data, perm, replace); err != nil {
		return err
	}
	return a.out.Show(written{file})
}
