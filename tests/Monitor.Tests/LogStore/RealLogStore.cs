namespace Monitor.Tests.LogStore;

/// <summary>The sample logs in a store, for a class of tests that only read.</summary>
public sealed class RealLogStore : IDisposable
{
    public RealLogStore()
    {
        Lines = RealLogs.Lines();
        Fixture.AddAll(Lines.Select((line, i) => StoreFixture.Log((ulong)i + 1, line)));
    }

    public IReadOnlyList<string> Lines { get; }

    internal StoreFixture Fixture { get; } = new();

    public void Dispose() => Fixture.Dispose();
}
