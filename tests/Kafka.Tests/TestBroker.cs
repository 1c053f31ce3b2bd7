using TestKit;

namespace Kafka.Tests;

/// <summary>A broker that the contract is tested against: one for all tests of its kind.</summary>
public abstract class TestBroker : IAsyncLifetime
{
    /// <summary>Why it cannot be tested here; null where it can.</summary>
    public string? Missing { get; protected set; }

    public abstract string BootstrapServers { get; }

    public abstract Task InitializeAsync();

    public abstract Task StopAsync();

    public abstract Task StartAgainAsync();

    public abstract Task DisposeAsync();
}

/// <summary>Apache Kafka itself.</summary>
public sealed class RealBroker : TestBroker
{
    private RealKafka? _kafka;

    public override string BootstrapServers => _kafka!.BootstrapServers;

    public override async Task InitializeAsync()
    {
        Missing = RealKafka.Missing;
        if (Missing is null)
            _kafka = await RealKafka.StartAsync();
    }

    public override Task StopAsync() => _kafka!.StopAsync();

    public override Task StartAgainAsync() => _kafka!.StartAgainAsync();

    public override async Task DisposeAsync()
    {
        if (_kafka is not null)
            await _kafka.DisposeAsync();
    }
}

/// <summary>The broker of this repository.</summary>
public sealed class OwnBroker : TestBroker
{
    private EmbeddedBroker? _broker;

    public override string BootstrapServers => _broker!.BootstrapServers;

    public override async Task InitializeAsync() => _broker = await EmbeddedBroker.StartAsync();

    public override Task StopAsync() => _broker!.StopAsync();

    public override Task StartAgainAsync() => _broker!.StartAgainAsync();

    public override async Task DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}

[CollectionDefinition(nameof(RealBroker))]
public sealed class RealBrokerTests : ICollectionFixture<RealBroker>;

[CollectionDefinition(nameof(OwnBroker))]
public sealed class OwnBrokerTests : ICollectionFixture<OwnBroker>;
