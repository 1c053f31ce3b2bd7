using Monitor.LogStore;

namespace Monitor.Tests.LogStore;

/// <summary>What every log store does, by the embedded one.</summary>
public sealed class SqliteLogStoreContractTests : LogStoreContract
{
    private protected override string? Missing => null;

    private protected override Task<StoreUnderTest> OpenAsync() => Task.FromResult<StoreUnderTest>(new Sqlite());

    private sealed class Sqlite : StoreUnderTest
    {
        private readonly StoreFixture _fixture = new();

        public override ILogStore Store => _fixture.Store;

        public override void Reopen() => _fixture.Reopen();

        public override Task RefreshAsync() => Task.CompletedTask;

        public override ValueTask DisposeAsync()
        {
            _fixture.Dispose();
            return default;
        }
    }
}
