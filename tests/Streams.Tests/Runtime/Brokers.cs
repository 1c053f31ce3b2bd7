using TestKit;

namespace Streams.Tests.Runtime;

/// <summary>One broker for all runtime tests: each uses topics and an application id of its own.</summary>
public abstract class Broker : IAsyncLifetime
{
    public abstract string BootstrapServers { get; }

    public virtual string? Missing => null;

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    public abstract Task StopAsync();

    public abstract Task StartAgainAsync();
}

/// <summary>Our own, in this process.</summary>
public sealed class OwnBroker : Broker
{
    private EmbeddedBroker? _broker;
    private string _bootstrap = "";
    private string? _missing;

    public override string BootstrapServers => _bootstrap;

    public override async Task InitializeAsync()
    {
        try
        {
            // Records of tests carry times of 1970: retention would delete them.
            _broker = await EmbeddedBroker.StartAsync(o => o.RetentionSweepInterval = TimeSpan.FromDays(1));
            _bootstrap = _broker.BootstrapServers;
        }
        catch (NotSupportedException error)
        {
            _missing = error.Message;
        }
    }

    public override string? Missing => _missing;

    public override async Task DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    public override Task StopAsync() => _broker!.StopAsync();

    public override Task StartAgainAsync() => _broker!.StartAgainAsync();
}

/// <summary>Apache Kafka, where the machine has one.</summary>
public sealed class ApacheKafka : Broker
{
    private RealKafka? _kafka;

    public override string BootstrapServers => _kafka!.BootstrapServers;

    public override string? Missing => RealKafka.Missing;

    public override async Task InitializeAsync()
    {
        if (Missing is null)
            _kafka = await RealKafka.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        if (_kafka is not null)
            await _kafka.DisposeAsync();
    }

    public override Task StopAsync() => _kafka!.StopAsync();

    public override Task StartAgainAsync() => _kafka!.StartAgainAsync();
}
