using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Cli.Client;
using Cli.Load;
using Cli.Parts;
using Cli.Up;
using Settings;

namespace Cli;

/// <summary>The <c>streams</c> command: what it understands, and how it answers what it does not.</summary>
internal static class CommandLine
{
    /// <summary>Exit code for "could not do it": nobody answers, a part ended by itself.</summary>
    public const int Failed = 1;

    /// <summary>Exit code for "cannot do that as asked": an unknown flag, a wrong setting, a taken port.</summary>
    public const int Misused = 2;

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        try
        {
            var parse = Build().Parse(args.Count == 0 ? ["--help"] : args);
            if (parse.Action is ParseErrorAction)
            {
                await errors.WriteLineAsync($"streams: {ParseFault.Describe(parse)}");
                return Misused;
            }

            return await parse.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = output,
                Error = errors,
            });
        }
        catch (SetupException e)
        {
            await errors.WriteLineAsync($"streams: {e.Message}");
            return Misused;
        }
        catch (ClientFault e)
        {
            await errors.WriteLineAsync($"streams: {e.Message}");
            return Failed;
        }
        catch (ReaderGoneException)
        {
            return 0;
        }
        catch (Exception e)
        {
            await errors.WriteLineAsync($"streams: {Bug.Report(e)}");
            return Failed;
        }
    }

    // Not a RootCommand: that one calls itself by the name of the program file.
    private static Command Build() => new("streams", "Logs and heartbeats from every node: shipped, judged, searchable.")
    {
        UpCommand.Build(),
        PartCommands.Broker(),
        PartCommands.Gateway(),
        PartCommands.Monitor(),
        PartCommands.Agent(),
        PartCommands.Console(),
        ServiceCommand.Build(),
        NodesCommand.Build(),
        LogsCommand.Build(),
        AlertsCommand.Build(),
        TailCommand.Build(),
        StoresCommand.Build(),
        LoadCommand.Build(),
        new HelpOption { Recursive = true },
        new VersionOption(),
    };
}
