using System.CommandLine;
using Cli.Logging;
using Cli.Parts;
using Microsoft.Extensions.Logging;
using Settings;
using Shop;
using Spectre.Console;

namespace Cli.Up;

/// <summary><c>streams up</c>: everything on this machine, in one process.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _refresh = TimeSpan.FromSeconds(1);

    /// <summary>Status lines between two lines at least, where there is no terminal to redraw.</summary>
    private const int RefreshesPerLine = 10;

    public static Command Build()
    {
        var flags = new SettingsFlags()
            .Add("--data", "DIR", "Folder for everything that is kept; used again by the next start (default ./data).", "up.data")
            .Add("--kafka", "HOST:PORT", "Kafka to use in place of the embedded broker.", "up.kafka")
            .AddList("--elasticsearch", "URL", "Elasticsearch to store logs in, in place of the embedded store; may be given again for more nodes of one cluster.", "monitor.store.elasticsearch.urls")
            .Add("--fluentd", "HOST:PORT", "Fluentd to forward logs and heartbeats to, beside Kafka.", "gateway.fluentd.server")
            .AddList("--tail", "GLOB", "Files to tail; may be given again. Quote it, or the shell expands it.", "agent.tail")
            .AddSwitch("--no-samples", "Leave the sample services out.", "false", "up.samples")
            .Add("--port-offset", "N", "Added to every port, so that two systems fit on one machine.", "up.portOffset");
        var command = new Command("up", "Run everything on this machine: broker, gateway, monitor, agent and sample services.");
        flags.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            // The data folder is itself a setting, and the defaults of others lie in it: read once to know it, once to use it.
            var data = flags.Load(parse, new StreamsSettings { Broker = { DataDirectory = "data" } }).Up.Data;
            var settings = flags.Load(parse, StreamsSettings.In(data));
            var plan = UpPlan.From(settings);
            if (!flags.IsCheck(parse))
                return await RunAsync(plan);

            await parse.InvocationConfiguration.Output.WriteAsync(EffectiveSettings.ToYaml(settings));
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(UpPlan plan)
    {
        Preflight.CheckFolder(plan.Data);
        using var folder = DataFolderLock.Take(plan.Data);
        Preflight.CheckPorts(plan.Listeners);

        var time = TimeProvider.System;
        var isLive = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
        var notices = new Notices(time, isLive ? null : Console.Error);
        using var shutdown = new ShutdownSignal();
        await using var log = new LogFile(plan.LogFile);
        var logging = PartLogging.To(
            new LineLoggerProvider(LogLevel.Information, time, (_, line) => log.Write(line)),
            new LineLoggerProvider(LogLevel.Warning, time, notices.AddLogLine));
        using var loggers = LoggerFactory.Create(logging);
        using var reader = new StatusReader(plan.MonitorAddress, time);

        LocalSystem system;
        try
        {
            system = await LocalSystem.StartAsync(plan, logging, time, shutdown.Requested);
        }
        catch (OperationCanceledException) when (shutdown.Requested.IsCancellationRequested)
        {
            return 0;
        }

        Console.WriteLine($"ready: gateway {plan.GatewayAddress}, monitor {plan.MonitorAddress}, console {plan.ConsoleAddress}, kafka {plan.Kafka}");
        Console.WriteLine($"data: {plan.Data}, log: {plan.LogFile}");
        if (plan.Settings.Up.Samples)
        {
            system.StartSamples(ShopServices.Names, plan, loggers, (sample, exitCode) => notices.Add(
                $"service {sample.Name} ended ({Ending(exitCode)}); start it again with: {sample.Command}"));
        }

        var ended = system.FirstEndedAsync();
        _ = ended.ContinueWith(_ => shutdown.Request(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var watching = Quietly(reader.WatchNodesAsync(
            change => notices.Add($"node {change.NodeId}: {change.From} → {change.To} ({change.Reason})"), shutdown.Requested));
        await Quietly(isLive
            ? ShowLiveAsync(plan, reader, notices, time, shutdown.Requested)
            : ShowLinesAsync(reader, time, shutdown.Requested));
        await watching;
        var failed = ended.IsCompletedSuccessfully ? ended.Result : null;

        Console.WriteLine($"stopping: handing on what is under way, at most {_drainTime.TotalSeconds:0} s (Ctrl-C again ends at once)");
        var started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(_drainTime, time);
        await system.StopAsync(limit.Token);
        Console.WriteLine($"stopped in {time.GetElapsedTime(started).TotalSeconds:0.0} s; data stays in {plan.Data}");
        if (failed is null)
            return 0;

        await Console.Error.WriteLineAsync($"streams: the {failed.Name} ended by itself; {plan.LogFile} says why.");
        return CommandLine.Failed;
    }

    private static async Task ShowLiveAsync(
        UpPlan plan, StatusReader reader, Notices notices, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_refresh, time);
        await AnsiConsole.Live(new Text("…")).AutoClear(false).StartAsync(async live =>
        {
            do
                live.UpdateTarget(StatusScreen.Render(plan, await reader.ReadAsync(cancellation), notices.Recent));
            while (await timer.WaitForNextTickAsync(cancellation));
        });
    }

    private static async Task ShowLinesAsync(StatusReader reader, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_refresh * RefreshesPerLine, time);
        SystemStatus? last = null;
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var status = await reader.ReadAsync(cancellation);
            if (last is null || (status.RecordsIn, status.RecordsStored, status.Alerts, status.NodesText)
                != (last.RecordsIn, last.RecordsStored, last.Alerts, last.NodesText))
                Console.WriteLine(status);
            last = status;
        }
    }

    // The status ends because the system does.
    private static async Task Quietly(Task showing)
    {
        try
        {
            await showing;
        }
        catch (Exception e) when (e is OperationCanceledException or Grpc.Core.RpcException { StatusCode: Grpc.Core.StatusCode.Cancelled })
        {
        }
    }

    // A shell reports 128 + N for a process that signal N ended, and so does .NET.
    private static string Ending(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";
}
