using Broker;
using Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitor;
using NodeAgent;
using WebConsole;

namespace Cli.Parts;

/// <summary>A part that runs in this process: where it answers, when it has ended by itself, how to stop it.</summary>
internal sealed class RunningPart
{
    private readonly Func<CancellationToken, Task> _stop;

    private RunningPart(string name, string address, Task ended, Func<CancellationToken, Task> stop)
    {
        Name = name;
        Address = address;
        Ended = ended;
        _stop = stop;
    }

    public string Name { get; }

    /// <summary>Where clients reach it; empty for the agent, which listens nowhere.</summary>
    public string Address { get; }

    /// <summary>Completes when the part gives up without being asked to.</summary>
    public Task Ended { get; }

    public static Task<RunningPart> StartBrokerAsync(
        BrokerOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation) =>
        StartAsync("broker", BrokerHost.Build(options, logging, time), cancellation);

    public static Task<RunningPart> StartGatewayAsync(
        GatewayOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation) =>
        StartAsync("gateway", GatewayHost.Build(options, logging, time), cancellation);

    public static Task<RunningPart> StartMonitorAsync(
        MonitorOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation) =>
        StartAsync("monitor", MonitorHost.Build(options, logging, time), cancellation);

    public static Task<RunningPart> StartAgentAsync(
        AgentOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation) =>
        StartAsync("agent", AgentHost.Build(options, logging, time), cancellation);

    public static Task<RunningPart> StartConsoleAsync(
        ConsoleOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancellation) =>
        StartAsync("console", ConsoleHost.Build(options, logging, time), cancellation);

    public static async Task<RunningPart> StartAsync(string name, IHost host, CancellationToken cancellation)
    {
        await host.StartAsync(cancellation);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ended.SetResult);
        var address = host is WebApplication web
            ? web.Urls.FirstOrDefault() ?? ""
            : host.Services.GetService<BrokerService>()?.BootstrapServers ?? "";
        return new RunningPart(name, address, ended.Task, async limit =>
        {
            await host.StopAsync(limit);
            await ((IAsyncDisposable)host).DisposeAsync();
        });
    }

    public Task StopAsync(CancellationToken limit) => _stop(limit);
}
