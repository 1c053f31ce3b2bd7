using Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Cli.Parts;

/// <summary>A process that runs one part until it is told to end: logs on standard error, one ready line on standard output.</summary>
internal static class PartProcess
{
    /// <summary>Time that a part has to finish what it holds.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(
        Func<Action<ILoggingBuilder>, CancellationToken, Task<RunningPart>> start, Task? orEndWhen = null)
    {
        using var shutdown = new ShutdownSignal();
        var logging = PartLogging.To(new LineLoggerProvider(
            LogLevel.Information, TimeProvider.System, (_, line) => Console.Error.WriteLine(line)));
        RunningPart part;
        try
        {
            part = await start(logging, shutdown.Requested);
        }
        catch (OperationCanceledException) when (shutdown.Requested.IsCancellationRequested)
        {
            return 0;
        }

        Console.WriteLine($"ready: {part.Name} {part.Address}".TrimEnd());
        var asked = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, shutdown.Requested);
        var first = await Task.WhenAny([asked, part.Ended, .. orEndWhen is null ? Array.Empty<Task>() : [orEndWhen]]);

        Console.WriteLine($"stopping: finishing what is under way, at most {DrainTime.TotalSeconds:0} s (Ctrl-C again ends at once)");
        using var limit = new CancellationTokenSource(DrainTime, TimeProvider.System);
        await part.StopAsync(limit.Token);
        if (first != part.Ended)
            return 0;

        await Console.Error.WriteLineAsync($"streams: the {part.Name} ended by itself; its log above says why.");
        return CommandLine.Failed;
    }
}
