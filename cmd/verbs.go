package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// verb is a command right below the root.
type verb struct {
	name  string
	alias string // "" for none
	build func(*app) *cobra.Command
}

// verbs are all commands right below the root.
func verbs() []verb {
	return []verb{
		{"add", "create", newAdd},
		{"completion", "", newCompletion},
		{"delete", "", newDelete},
		{"describe", "", newDescribe},
		{"diff", "", newDiff},
		{"doctor", "", newDoctor},
		{"edit", "", newEdit},
		{"env", "", newEnv},
		{"events", "", newEvents},
		{"expirations", "", newExpirations},
		{"export", "", newExport},
		{"fix", "", newFix},
		{"generate", "", newGenerate},
		{"import", "", newImport},
		{"init", "", newInit},
		{"keys", "", newKeys},
		{"list", "", newList},
		{"load", "", newLoad},
		{"migrate", "", newMigrate},
		{"pub", "", topTool(newToolPub)},
		{"pull", "", newPull},
		{"push", "", newPush},
		{"reissue", "", newReissue},
		{"rename", "", newRename},
		{"reply", "", topTool(newToolReply)},
		{"req", "", topTool(newToolReq)},
		{"revocations", "", newRevocations},
		{"rtt", "", topTool(newToolRTT)},
		{"select", "", newSelect},
		{"serve", "", newServe},
		{"server", "", newServer},
		{"sub", "", topTool(newToolSub)},
		{"test", "", newTest},
		{"tool", "", newTool},
		{"up", "", newUp},
		{"update", "", newUpdate},
		{"upgrade-jwt", "", newUpgradeJWT},
		{"validate", "", newValidate},
	}
}

// wanted are the verbs that a command line may be about. The hundred commands of
// all of them take a millisecond to build, which every run in a script would
// spend: where the first word names one, nothing else is asked for.
func wanted(line []string) []verb {
	all := verbs()
	if len(line) == 0 {
		return all
	}
	if i := slices.IndexFunc(all, func(v verb) bool { return line[0] == v.name || line[0] == v.alias && v.alias != "" }); i >= 0 {
		return all[i : i+1]
	}
	return all
}
