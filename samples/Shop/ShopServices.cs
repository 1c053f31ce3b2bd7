using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent;
using Settings;

namespace Shop;

/// <summary>The shop's services, found in this assembly by their base class.</summary>
public static class ShopServices
{
    private static readonly SortedDictionary<string, Type> Types = new(
        typeof(ShopService).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(ShopService)))
            .ToDictionary(ShopService.NameOf),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The services' names, sorted.</summary>
    public static IReadOnlyList<string> Names => [.. Types.Keys];

    /// <summary>Puts one service together, a node of its own. The caller starts, stops and disposes it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="agent">The node it speaks as, and the gateways it ships to.</param>
    /// <param name="logging">Where its log goes besides.</param>
    /// <param name="time">The clock.</param>
    /// <param name="work">Its pace. Default five pieces of work a second.</param>
    /// <exception cref="SetupException">There is no service of that name, or a setting is wrong.</exception>
    public static IHost Build(
        string name, AgentOptions agent, Action<ILoggingBuilder> logging, TimeProvider time, ShopServiceOptions? work = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(logging);
        if (!Types.TryGetValue(name, out var type))
            throw new SetupException($"There is no service '{name}'; the services are {string.Join(", ", Names)}.");

        if (agent.Services.Count == 0)
            agent.Services = [ShopService.NameOf(type)];
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging(builder.Logging);
        builder.Logging.AddNodeAgent();
        builder.Services.AddSingleton(time);
        builder.Services.AddNodeAgent(agent);
        builder.Services.AddSingleton(work ?? new ShopServiceOptions());
        builder.Services.AddSingleton((ShopService)Activator.CreateInstance(type)!);
        builder.Services.AddHostedService<ShopServiceLoop>();
        return builder.Build();
    }
}

/// <summary>Gives a service its work at its pace.</summary>
internal sealed partial class ShopServiceLoop(ShopService service, ShopServiceOptions options, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger(service.GetType());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        Started(ShopService.NameOf(service.GetType()), options.Pace, seed);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Pace), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                service.Work(random, _logger);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Stopped(ShopService.NameOf(service.GetType()));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The {Service} service is open, {Pace} pieces of work a second, seed {Seed}.")]
    private partial void Started(string service, double pace, int seed);

    [LoggerMessage(2, LogLevel.Information, "The {Service} service closes.")]
    private partial void Stopped(string service);
}
