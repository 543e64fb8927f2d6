package main

import "github.com/spf13/cobra"

func newDistill(_ *settings, _ stdio) *cobra.Command {
	return &cobra.Command{Use: "distill", Hidden: true}
}
