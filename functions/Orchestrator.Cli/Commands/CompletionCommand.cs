using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary><c>completion bash|zsh|fish</c>: a script that asks the command itself for suggestions.</summary>
public static class CompletionCommand
{
    private const string Bash = """
        _orchestrator() {
          local IFS=$'\n'
          COMPREPLY=( $(orchestrator "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null | grep -- "^${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -o default -F _orchestrator orchestrator
        """;

    private const string Zsh = """
        #compdef orchestrator
        _orchestrator() {
          local -a suggestions
          suggestions=(${(f)"$(orchestrator "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"})
          compadd -- $suggestions
        }
        compdef _orchestrator orchestrator
        """;

    private const string Fish = """
        complete -c orchestrator -f -a '(set -l line (commandline -cp); orchestrator "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a shell completion script, e.g. source <(orchestrator completion bash).") { shell };
        command.SetAction(parsed => terminal.WriteRaw((parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash }) + "\n"));
        return command;
    }
}
