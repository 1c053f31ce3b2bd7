using Streams.State;
using Streams.TestKit;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>What waits in a suppression's buffer survives in its changelog, in Kafka Streams' format: either could restore the other's.</summary>
public sealed class SuppressionChangelogTests
{
    [Fact]
    public void A_waiting_change_is_logged_as_Kafka_Streams_logs_it()
    {
        using var driver = Suppressing();

        driver.CreateInputTopic<string, string>("in").PipeInput("k1", "a", 7000);

        // Taken from Kafka Streams 4.3: time and offset of the record, its topic's length and name, its partition, no headers; eight bytes of prior
        // value, which is the count's initial one; an old value that is the same; eight bytes of new one; the window's end.
        var (key, value) = Assert.Single(Changelog(driver));
        Assert.Equal("6b310000000000000000", Convert.ToHexStringLower(key));
        Assert.Equal(
            "0000000000001b58" + "0000000000000000" + "00000002696e" + "00000000" + "00000000" + "000000080000000000000000" + "fffffffe" + "000000080000000000000001" +
            "0000000000002710",
            Convert.ToHexStringLower(value!));
    }

    [Fact]
    public void A_change_that_came_out_is_logged_as_gone()
    {
        using var driver = Suppressing();
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput("k1", "a", 7000);
        Changelog(driver);

        input.PipeInput("k1", "b", 10_000);

        var logged = Changelog(driver);
        Assert.Null(logged.Single(e => Convert.ToHexStringLower(e.Key) == "6b310000000000000000").Value);
    }

    [Fact]
    public void A_buffer_restored_from_its_changelog_holds_what_it_held()
    {
        using var driver = Suppressing();
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput(new Record<string, string>("k1", "a", 7000, Headers.Empty.With("from", [1]).With("none", null)));
        input.PipeInput("k2", "b", 8000);
        input.PipeInput("k1", "c", 9000);
        input.PipeInput("k1", "d", 12_000);
        var restored = Restore(Changelog(driver));

        Assert.Equal(1, restored.EntryCount);
        var entry = restored.Oldest!;
        Assert.Equal(new Windowed<string>("k1", new(10_000, 20_000)), entry.Key);
        Assert.Equal((20_000, 1, true), (entry.Time, entry.Change.New, entry.Change.HasNew));
        Assert.Equal((0, true), (entry.Prior, entry.HasPrior));
        Assert.Equal(("in", 0, 3, 12_000), (entry.Context.Topic, entry.Context.Partition, entry.Context.Offset, entry.Context.Timestamp));
    }

    [Fact]
    public void Headers_and_old_values_are_restored_too()
    {
        using var driver = Suppressing();
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput("k1", "a", 7000);
        input.PipeInput(new Record<string, string>("k1", "b", 8000, Headers.Empty.With("from", [1]).With("none", null)));

        var entry = Restore(Changelog(driver)).Oldest!;

        Assert.Equal((2, 1, true), (entry.Change.New, entry.Change.Old, entry.Change.HasOld));
        Assert.Equal((0, true), (entry.Prior, entry.HasPrior));
        Assert.Equal([("from", 1), ("none", 0)], entry.Context.Headers.Select(h => (h.Key, h.Value?.Length ?? 0)));
        Assert.Null(entry.Context.Headers[1].Value);
    }

    [Fact]
    public void Without_a_changelog_nothing_is_logged()
    {
        using var driver = Suppressing(BufferConfig.Unbounded().WithLoggingDisabled());

        driver.CreateInputTopic<string, string>("in").PipeInput("k1", "a", 7000);

        Assert.DoesNotContain("test-held-store-changelog", driver.ProducedTopicNames);
    }

    [Fact]
    public void Bytes_that_are_cut_short_are_refused_with_where()
    {
        var buffer = new SuppressionBuffer<string, long>("held", Serdes.String, Serdes.Int64, countsBytes: false);

        var error = Assert.Throws<FormatException>(() => buffer.Restore("k"u8, new byte[20], hasValue: true, 0));

        Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_commit_logs_keys_in_the_order_of_Javas_hash_set()
    {
        // Windows of k1 and k2 as one commit of Kafka Streams changed and logged them.
        string[] changed =
        [
            "6b310000000000002710", "6b310000000000000000", "6b320000000000000000", "6b310000000000001388", "6b320000000000001388", "6b310000000000003a98",
        ];
        string[] logged =
        [
            "6b310000000000002710", "6b310000000000003a98", "6b310000000000000000", "6b320000000000001388", "6b320000000000000000", "6b310000000000001388",
        ];
        var keys = changed.Select(Convert.FromHexString).ToList();

        new JavaHashOrder().Sort(keys, k => k);

        Assert.Equal(logged, keys.Select(Convert.ToHexStringLower));
    }

    private static TopologyTestDriver Suppressing(StrictBufferConfig? buffer = null)
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeWithNoGrace(Ms(10_000)))
            .Count(Materialized.As<string, long>("counts").WithCachingDisabled())
            .Suppress(Suppressed.UntilWindowCloses(buffer ?? BufferConfig.Unbounded()).WithName("held"))
            .ToStream()
            .To("out");
        return new(builder.Build());
    }

    private static List<(byte[] Key, byte[]? Value)> Changelog(TopologyTestDriver driver) =>
    [
        .. driver.CreateOutputTopic("test-held-store-changelog", Serdes.ByteArray, Serdes.ByteArray).ReadRecordsToList()
            .Select(r => (r.Key, r.HasValue ? r.Value : null)),
    ];

    private static SuppressionBuffer<Windowed<string>, long> Restore(List<(byte[] Key, byte[]? Value)> changelog)
    {
        var buffer = new SuppressionBuffer<Windowed<string>, long>("held-store", TimeKeys(10_000), Serdes.Int64, countsBytes: false);
        foreach (var (key, value) in changelog)
            buffer.Restore(key, value, value is not null, 0);
        return buffer;
    }
}
