package cmd

import (
	"io/fs"
	"path/filepath"

	"nkeep/render"
)

// configDirView says what was written into a directory.
type configDirView struct {
	Dir   string   `json:"dir"`
	Files []string `json:"files"`
}

// Text implements [render.View].
func (v configDirView) Text(t *render.Text) {
	for _, file := range v.Files {
		t.Linef("wrote %s", filepath.Join(v.Dir, file))
	}
}

// deliverDir writes a configuration, and the tokens in it as files, too. Accounts go
// by their keys, so that none takes the place of the operator or of another; and the
// configuration does not need the files.
func (o *generateConfig) deliverDir(conf []byte) error {
	files := []render.Output{{Name: o.conf.Operator.Name + ".jwt", Data: []byte(o.conf.Operator.JWT)}}
	for _, ac := range o.conf.Accounts {
		files = append(files, render.Output{Name: ac.ID + ".jwt", Data: []byte(ac.JWT)})
	}
	files = append(files, render.Output{Name: "resolver.conf", Data: conf})
	v := configDirView{Dir: o.path(o.dir)}
	for _, f := range files {
		v.Files = append(v.Files, f.Name)
	}
	if _, err := render.WriteFiles(v.Dir, files, 0o600, o.force); err != nil {
		return hintIf(err, fs.ErrExist, "replace files that are there with --force")
	}
	return o.out.Show(v)
}
