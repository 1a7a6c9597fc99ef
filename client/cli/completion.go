package cli

import (
	"github.com/spf13/cobra"
)

func newCompletionCmd(sh *shell) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print the completion script of a shell: bash, zsh, fish or powershell",
		Long: `Print the completion script of a shell. That of bash needs the package
bash-completion, and make install puts those of bash, zsh and fish in place.`,
		Example: `  intercom completion bash > ~/.local/share/bash-completion/completions/intercom
  intercom completion zsh > "${fpath[1]}/_intercom"
  intercom completion fish > ~/.config/fish/completions/intercom.fish`,
		Args: exactly("SHELL"), ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(sh.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(sh.Stdout)
			case "fish":
				return root.GenFishCompletion(sh.Stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(sh.Stdout)
			}
			return usage(cmd, "no completion for %q: bash, zsh, fish or powershell", args[0])
		},
	}
}
