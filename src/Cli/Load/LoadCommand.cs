using System.CommandLine;
using Cli.Client;
using Cli.Parts;
using LoadScenarios;
using LoadScenarios.Targets;
using LoadTesting;
using LoadTesting.Reports;
using LoadTesting.Statistics;
using Settings;

namespace Cli.Load;

/// <summary><c>streams load NAME</c>: puts load on a running system and says whether it bore it.</summary>
internal static class LoadCommand
{
    /// <summary>Exit code of what Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    public static Command Build() => new("load", "Put load on a running system, measure it, and say whether it bore it (exit code 1 where not).")
    {
        Scenario("ingest", "Agents ship logs; at the end, every acknowledged record is looked for.", Verifying(Common()
            .Add("--rate", "N", "Records a second (default 20000).", "load.ingest.rate")
            .Add("--batch", "N", "Records in a batch (default 100).", "load.ingest.batch")
            .Add("--agents", "N", "Agents, each with a connection of its own (default 100).", "load.ingest.agents"), "load.ingest.verify")),
        Scenario("heartbeats", "Nodes send signs of life; the monitor must see each up and raise no alarm.", Verifying(Common()
            .Add("--nodes", "N", "Nodes, each with a stream of its own (default 1000).", "load.heartbeats.nodes")
            .Add("--interval", "DURATION", "Time between two heartbeats of a node (default 1s).", "load.heartbeats.interval")
            .Add("--connections", "N", "Connections that the nodes share (default 50).", "load.heartbeats.connections"), "load.heartbeats.verify")),
        Scenario("queries", "People and programs ask the monitor while agents ship and nodes beat.", Verifying(Common()
            .Add("--rate", "N", "Queries a second (default 20).", "load.queries.rate")
            .Add("--ingest-rate", "N", "Records a second that agents ship meanwhile (default 2000; 0 for none).", "load.queries.ingestRate")
            .Add("--nodes", "N", "Nodes that beat meanwhile (default 100).", "load.queries.nodes")
            .Add("--limit", "N", "Logs asked for by one search (default 100).", "load.queries.limit")
            .Add("--connections", "N", "Connections that the queries share (default 4).", "load.queries.connections"), "load.ingest.verify", "load.heartbeats.verify")),
    };

    private static SettingsFlags Common() => new SettingsFlags()
        .Add("--duration", "DURATION", "Length of the measured part (default 60s).", "load.duration")
        .Add("--warm-up", "DURATION", "Load before it that is counted nowhere (default 5s).", "load.warmUp")
        .Add("--ramp", "DURATION", "Beginning of the measured part in which the rate rises from nothing (default 0).", "load.ramp")
        .Add("--gateway", "URL", "Gateway to put load on (default http://127.0.0.1:7070).", "load.gateway")
        .Add("--monitor", "URL", "Monitor to ask (default http://127.0.0.1:7071).", "load.monitor")
        .Add("--token", "TOKEN", "Bearer token to send with every call.", "load.token")
        .Add("--ca", "FILE", "Authorities to trust for https addresses, as PEM, in place of the machine's.", "load.tls.caFile")
        .Add("--cert", "FILE", "Certificate to show to https addresses, as PEM; with --key.", "load.tls.certificateFile")
        .Add("--key", "FILE", "Its private key, as PEM.", "load.tls.keyFile")
        .Add("--timeout", "DURATION", "How long a call may take before it counts as failed (default 30s).", "load.timeout")
        .Add("--max-in-flight", "N", "Invocations under way at most; one that is due then counts as failed (default 10000).", "load.maxInFlight")
        .AddList("--threshold", "WHAT<VALUE", "What must hold, such as p99<500ms or errors<0.1%; may be given again. One on the same quantity as a default one replaces it.", "load.thresholds")
        .Add("--report", "DIR", "Folder for report.txt, report.json and report.html.", "load.report")
        .Add("--seed", "N", "What all that is left to chance follows from.", "load.seed");

    private static SettingsFlags Verifying(SettingsFlags flags, params string[] keys) =>
        flags.AddSwitch("--no-verify", "Leave out the look at what came of the load.", "false", keys);

    private static Command Scenario(string name, string description, SettingsFlags flags)
    {
        var command = new Command(name, description);
        flags.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var settings = flags.Load(parse, StreamsSettings.In("data"));
            var scenarios = ScenarioCatalog.Create(name, settings.Load, TimeProvider.System);
            if (!flags.IsCheck(parse))
                return await RunAsync(name, scenarios, settings.Load, parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);

            await parse.InvocationConfiguration.Output.WriteAsync(EffectiveSettings.ToYaml(new { settings.Load }));
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(string name, ScenarioProps[] scenarios, LoadOptions options, TextWriter output, TextWriter errors)
    {
        var seed = options.Seed ?? Random.Shared.Next();
        var runner = LoadRunner.RegisterScenarios(scenarios).WithTestName(name).WithSeed(seed);
        if (options.Report is { } folder)
            runner.WithReportFolder(folder);

        using var shutdown = new ShutdownSignal();
        RunResult result;
        try
        {
            await errors.WriteLineAsync($"load {name}: seed {seed}, Ctrl-C stops it and reports what was measured");
            result = await LoadScreen.ShowAsync(runner, errors, shutdown.Requested);
        }
        catch (ReportFolderException e)
        {
            throw new SetupException(e.Message, e);
        }
        catch (ScenarioInitException e) when (e.InnerException is SetupException setup)
        {
            throw new SetupException(setup.Message, e);
        }
        catch (ScenarioInitException e) when (e.InnerException is TargetException target)
        {
            throw new ClientFault(target.Message, e);
        }
        catch (OperationCanceledException) when (shutdown.Requested.IsCancellationRequested)
        {
            await errors.WriteLineAsync("streams: stopped before any load; there is nothing to report.");
            return Interrupted;
        }

        await output.WriteAsync(TextReport.Write(result));
        await output.FlushAsync();
        foreach (var reason in result.Failures.Append(result.ReportFault).OfType<string>())
            await errors.WriteLineAsync($"streams: {reason}");
        return result.Ended is RunEnd.Stopped ? Interrupted
            : result is { Passed: true, ReportFault: null } ? 0
            : CommandLine.Failed;
    }
}
