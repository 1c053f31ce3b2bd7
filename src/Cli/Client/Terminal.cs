using Spectre.Console;

namespace Cli.Client;

/// <summary>What the standard output can show.</summary>
internal static class Terminal
{
    /// <summary>Whether colours are welcome: a terminal, and <c>NO_COLOR</c> not set.</summary>
    public static bool HasColours => !Console.IsOutputRedirected && WantsColours;

    /// <summary>Whether colours are welcome on whatever is a terminal.</summary>
    public static bool WantsColours => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>A console for tables. Into a file or pipe, lines are as long as they need to be.</summary>
    public static IAnsiConsole Open()
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = 10_000;
        return console;
    }
}
