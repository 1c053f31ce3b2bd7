using TestKit;

namespace Monitor.Tests.LogStore;

/// <summary>One real Elasticsearch for all tests that only need it to work; each has indexes of its own.</summary>
public sealed class ElasticsearchServer : IAsyncLifetime
{
    private RealElasticsearch? _server;

    public string Url => _server!.Url;

    public async Task InitializeAsync()
    {
        if (RealElasticsearch.Missing is null)
            _server = await RealElasticsearch.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Tests that share the server.</summary>
[CollectionDefinition(Name)]
public sealed class OnElasticsearch : ICollectionFixture<ElasticsearchServer>
{
    public const string Name = "Elasticsearch";
}
