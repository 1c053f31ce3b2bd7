using TestKit;

namespace Monitor.Tests.Hosting;

/// <summary>One broker for a class of tests.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private EmbeddedBroker _broker = null!;

    public string BootstrapServers => _broker.BootstrapServers;

    public async Task InitializeAsync() => _broker = await EmbeddedBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();
}
