using Streams.Tests.State;
using Xunit;

namespace Streams.RocksDb.Tests;

/// <summary>Stores on disk against plain models of them, over any story of changes, questions, commits, kills, restarts and moves.</summary>
public sealed class StorePropertiesOnDiskTests : IDisposable
{
    // Each opens some databases; the same stories are told to stores in memory in hundreds.
    private static readonly int Some = TaskState.IsLong ? 500 : 4;

    private readonly RocksDbStores? _engine = Native.RocksLibrary.IsPresent ? new(TaskState.Options) : null;

    private RocksDbStores Engine
    {
        get
        {
            TaskState.SkipWhereMissing();
            return _engine!;
        }
    }

    public void Dispose() => _engine?.Dispose();

    [SkippableTheory]
    [InlineData(StoreStories.NoCache)]
    [InlineData(StoreStories.SmallCache)]
    [InlineData(StoreStories.RoomyCache)]
    public void A_key_value_store_is_a_sorted_dictionary(long cache)
    {
        StoreStories.KeyValue(Engine, cache, Some);
        StoreStories.TimestampedKeyValue(Engine, cache, Some);
    }

    [SkippableTheory]
    [InlineData(StoreStories.NoCache)]
    [InlineData(StoreStories.TinyCache)]
    [InlineData(StoreStories.RoomyCache)]
    public void A_window_store_shows_what_its_retention_allows(long cache)
    {
        StoreStories.Window(Engine, cache, Some);
        StoreStories.Window(Engine, cache, Some, timeOrdered: true);
        StoreStories.TimestampedWindow(Engine, cache, Some);
    }

    [SkippableFact]
    public void A_window_store_of_duplicates_keeps_all_that_is_put() =>
        StoreStories.Window(Engine, StoreStories.NoCache, Some, duplicates: true);

    [SkippableTheory]
    [InlineData(StoreStories.NoCache)]
    [InlineData(StoreStories.TinyCache)]
    [InlineData(StoreStories.RoomyCache)]
    public void A_session_store_shows_what_its_retention_allows(long cache)
    {
        StoreStories.Session(Engine, cache, Some);
        StoreStories.Session(Engine, cache, Some, timeOrdered: true);
    }

    [SkippableFact]
    public void A_versioned_store_answers_as_of_any_time_of_its_history() => StoreStories.Versioned(Engine, Some);
}
