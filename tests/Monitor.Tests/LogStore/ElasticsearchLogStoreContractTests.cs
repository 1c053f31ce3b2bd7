using TestKit;

namespace Monitor.Tests.LogStore;

/// <summary>What every log store does, by a real Elasticsearch.</summary>
[Collection(OnElasticsearch.Name)]
public sealed class ElasticsearchLogStoreContractTests(ElasticsearchServer server) : LogStoreContract
{
    private protected override string? Missing => RealElasticsearch.Missing;

    private protected override Task<StoreUnderTest> OpenAsync() => Task.FromResult<StoreUnderTest>(new ElasticsearchStoreFixture(server.Url));
}
