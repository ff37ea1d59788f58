package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell",
		Long: "The shell then completes commands, flags and their values, groups, keys of runs, diagnostic\n" +
			"codes and names of blocks. Bash needs the package bash-completion. To have it in every shell,\n" +
			"put the line below into ~/.bashrc, or write the script to where the shell looks for such files.",
		Example: "source <(waybill completion bash)\nwaybill completion zsh > \"${fpath[1]}/_waybill\"\n" +
			"waybill completion fish > ~/.config/fish/completions/waybill.fish",
		Args:      positional(1, 1),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.stdout, true)
			case "zsh":
				return root.GenZshCompletion(asIs(p.stdout))
			case "fish":
				return root.GenFishCompletion(asIs(p.stdout), true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(p.stdout)
			}
			return fmt.Errorf("there is no completion for %q.%s", args[0], didYouMean(args[0], shells, ""))
		},
	}
}
