package cmd

import "github.com/spf13/cobra"

func newUp(a *app) *cobra.Command { return &cobra.Command{Use: "up"} }
