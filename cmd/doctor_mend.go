package cmd

import (
	"context"
	"slices"

	"nkeep/jwtstore"
)

// remedy is how a finding is mended. First permissions are narrowed, then files
// are moved out of the way, then the rest is written as one transaction.
type remedy struct {
	root  jwtstore.Participant
	name  string // slash-separated, below root
	how   how
	stage func(*change) error
}

type how int

const (
	none how = iota
	tighten
	quarantine
	removeEmpty
)

// quarantined is a finding that is mended by moving its file away.
func quarantined(root jwtstore.Participant, name string, f finding) finding {
	f.Fix = "puts it into quarantine"
	f.mend = remedy{root: root, name: name, how: quarantine}
	return f
}

func staged(stage func(*change) error) remedy { return remedy{stage: stage} }

// mendPasses is how often --fix looks again for what could only be mended, or
// seen, once something else was.
const mendPasses = 3

// mend mends what can be mended, under the locks, and looks again.
func (o *doctor) mend(ctx context.Context, w *workspace) (diagnosis, error) {
	now, err := o.look(ctx, w)
	if err != nil {
		return now, err
	}
	for _, f := range now.Findings {
		if f.What == whatStuck && f.Fix == "" {
			o.out.Warnf("nothing is mended: %s: %s", f.File, f.Problem)
			return now, nil
		}
	}
	r := &repair{doctor: o, w: w}
	for range mendPasses {
		if !now.mendable() {
			break
		}
		r.tried = append(r.tried, now.Findings...)
		if err := r.run(ctx); err != nil {
			return now, err
		}
		if now, err = o.look(ctx, w); err != nil {
			return now, err
		}
	}
	for _, text := range r.failed {
		o.out.Warnf("%s", text)
	}
	now.settle(r.tried)
	now.Quarantine = slices.Sorted(slices.Values(r.moved))
	return now, nil
}

func (v diagnosis) mendable() bool {
	return slices.ContainsFunc(v.Findings, func(f finding) bool { return f.Fix != "" })
}

// settle tells what is mended: what was to be, and is not found any more.
func (v *diagnosis) settle(tried []finding) {
	type id struct{ what, file string }
	left, told := map[id]bool{}, map[id]bool{}
	for _, f := range v.Findings {
		left[id{f.What, f.File}] = true
	}
	for _, f := range tried {
		i := id{f.What, f.File}
		if f.Fix != "" && !left[i] && !told[i] {
			told[i] = true
			v.Fixed = append(v.Fixed, f)
		}
	}
}
