using System.CommandLine;
using System.CommandLine.Parsing;
using Settings;

namespace Cli;

/// <summary>Says in one line what of a command line was not understood, and what was probably meant.</summary>
internal static class ParseFault
{
    public static string Describe(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = string.Join(' ', Path(parse.CommandResult));
        if (parse.UnmatchedTokens.Count == 0)
        {
            return command.Subcommands.Count > 0
                ? $"{path} needs a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}. See '{path} --help'."
                : $"{parse.Errors[0].Message.TrimEnd('.')}. See '{path} --help'.";
        }

        var token = parse.UnmatchedTokens[0];
        var isFlag = token.StartsWith('-');
        var flag = token.Split('=')[0];
        var candidates = isFlag
            ? command.Options.Where(option => !option.Hidden).Select(option => option.Name)
            : command.Subcommands.Select(sub => sub.Name);
        var kind = isFlag ? "flag" : command.Subcommands.Count > 0 ? "command" : "argument";
        var meant = NearName.Of(flag, candidates) is { } near ? $"; did you mean '{near}'?" : ".";
        return $"unknown {kind} '{flag}'{meant} See '{path} --help'.";
    }

    private static IEnumerable<string> Path(CommandResult command) =>
        (command.Parent is CommandResult parent ? Path(parent) : []).Append(command.Command.Name);
}
