namespace Streams.Tests.State;

/// <summary>Stores in memory against plain models of them, over any story of changes, questions, commits, restarts and moves.</summary>
public sealed class StorePropertiesTests
{
    private static readonly int Many = Environment.GetEnvironmentVariable("STREAMS_LONG") == "1" ? 3_000 : 60;

    public static TheoryData<bool, long> Kinds => new()
    {
        { false, StoreStories.NoCache },
        { false, StoreStories.TinyCache },
        { false, StoreStories.RoomyCache },
        { true, StoreStories.NoCache },
        { true, StoreStories.TinyCache },
        { true, StoreStories.RoomyCache },
    };

    [Theory]
    [InlineData(StoreStories.NoCache)]
    [InlineData(StoreStories.SmallCache)]
    [InlineData(StoreStories.RoomyCache)]
    public void A_key_value_store_is_a_sorted_dictionary(long cache)
    {
        StoreStories.KeyValue(InMemoryStores.Default, cache, Many);
        StoreStories.TimestampedKeyValue(InMemoryStores.Default, cache, Many);
    }

    [Theory]
    [InlineData(StoreStories.NoCache)]
    [InlineData(StoreStories.RoomyCache)]
    public void A_store_of_at_most_so_many_keys_keeps_those_used_last(long cache) => StoreStories.Lru(cache, Many);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_window_store_shows_what_its_retention_allows(bool likePersistent, long cache)
    {
        StoreStories.Window(Engine(likePersistent), cache, Many);
        StoreStories.Window(Engine(likePersistent), cache, Many, timeOrdered: true);
        StoreStories.TimestampedWindow(Engine(likePersistent), cache, Many);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_window_store_of_duplicates_keeps_all_that_is_put(bool likePersistent) =>
        StoreStories.Window(Engine(likePersistent), StoreStories.NoCache, Many, duplicates: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_session_store_shows_what_its_retention_allows(bool likePersistent, long cache)
    {
        StoreStories.Session(Engine(likePersistent), cache, Many);
        StoreStories.Session(Engine(likePersistent), cache, Many, timeOrdered: true);
    }

    [Fact]
    public void A_versioned_store_answers_as_of_any_time_of_its_history() => StoreStories.Versioned(InMemoryStores.Default, Many);

    private static InMemoryStores Engine(bool likePersistent) => likePersistent ? InMemoryStores.LikePersistent : InMemoryStores.Default;
}
