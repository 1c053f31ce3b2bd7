using Cli.Parts;
using Microsoft.Extensions.Logging;

namespace Cli.Up;

/// <summary>All parts in this process, and the sample services beside it.</summary>
internal sealed class LocalSystem
{
    private readonly List<RunningPart> _parts = [];
    private readonly List<SampleProcess> _samples = [];

    private LocalSystem()
    {
    }

    /// <summary>Completes with the first part that gives up by itself.</summary>
    public async Task<RunningPart> FirstEndedAsync()
    {
        var first = await Task.WhenAny(_parts.Select(part => part.Ended));
        return _parts.First(part => part.Ended == first);
    }

    /// <summary>Starts the broker, then everything that needs it, side by side.</summary>
    public static async Task<LocalSystem> StartAsync(
        UpPlan plan, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation)
    {
        var system = new LocalSystem();
        var settings = plan.Settings;
        try
        {
            // Starting a part is mostly reading its code, so each gets a thread; the broker is the one they wait for.
            if (plan.HasBroker)
                system._parts.Add(await RunningPart.StartBrokerAsync(settings.Broker, logging, time, cancellation));
            Task<RunningPart>[] starts =
            [
                Task.Run(() => RunningPart.StartGatewayAsync(settings.Gateway, logging, time, cancellation), cancellation),
                Task.Run(() => RunningPart.StartMonitorAsync(settings.Monitor, logging, time, cancellation), cancellation),
                Task.Run(() => RunningPart.StartAgentAsync(settings.Agent, logging, time, cancellation), cancellation),
                Task.Run(() => RunningPart.StartConsoleAsync(settings.Console, logging, time, cancellation), cancellation),
            ];
            await Task.WhenAll(starts).ContinueWith(
                _ => system._parts.AddRange(starts.Where(start => start.IsCompletedSuccessfully).Select(start => start.Result)),
                CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await Task.WhenAll(starts);
            return system;
        }
        catch
        {
            await system.StopAsync(CancellationToken.None);
            throw;
        }
    }

    public void StartSamples(IEnumerable<string> names, UpPlan plan, ILoggerFactory loggers, Action<SampleProcess, int> onDied)
    {
        foreach (var name in names)
            _samples.Add(SampleProcess.Start(name, plan, loggers, onDied));
    }

    /// <summary>Stops in the order in which records travel, so that each part hands on what it holds before the next one ends.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        await Task.WhenAll([.. _samples.Select(sample => sample.StopAsync(limit)), .. Stop("agent", limit), .. Stop("console", limit)]);
        foreach (var name in new[] { "gateway", "monitor", "broker" })
            await Task.WhenAll(Stop(name, limit));
        foreach (var sample in _samples)
            sample.Dispose();
    }

    private IEnumerable<Task> Stop(string name, CancellationToken limit) =>
        _parts.Where(part => part.Name == name).Select(part => part.StopAsync(limit));
}
