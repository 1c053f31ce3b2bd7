using System.Globalization;
using Streams.TestKit;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>Changes of any table, held back until some stream time has passed since the first of them.</summary>
public sealed class SuppressUntilTimeLimitTests
{
    [Fact]
    public void A_keys_latest_change_comes_when_the_limit_has_passed_since_its_first()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()));
        Assert.Empty(In(driver, "k", "a", 100));
        Assert.Empty(In(driver, "k", "b", 109));

        Assert.Equal(["k b 109"], In(driver, "other", "c", 110));
    }

    [Fact]
    public void What_came_out_waits_anew_with_its_next_change()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()));
        In(driver, "k", "a", 100);
        In(driver, "other", "b", 110);

        Assert.Empty(In(driver, "k", "c", 112));
        Assert.Equal(["other b 110", "k c 112"], In(driver, "third", "d", 122));
    }

    [Fact]
    public void A_limit_of_zero_holds_nothing_back()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(TimeSpan.Zero, BufferConfig.Unbounded()));

        Assert.Equal(["k a 100"], In(driver, "k", "a", 100));
        Assert.Equal(["k b 90"], In(driver, "k", "b", 90));
    }

    [Fact]
    public void A_deletion_comes_out_too()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()));
        In(driver, "k", "a", 100);
        In(driver, "k", null, 101);

        Assert.Equal(["k - 101"], In(driver, "other", "b", 110));
    }

    [Fact]
    public void A_buffer_full_of_records_emits_the_oldest_early_which_may_be_the_new_one()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(1000), BufferConfig.MaxRecords(2)));
        In(driver, "a", "1", 100);
        In(driver, "b", "2", 90);

        Assert.Equal(["b 2 90"], In(driver, "c", "3", 101));
        Assert.Equal(["d 4 50"], In(driver, "d", "4", 50));
    }

    [Fact]
    public void A_buffer_full_of_bytes_emits_early()
    {
        // A record counts with 8 bytes of time, its key, its value, and 20 bytes and a topic's name of where it came from: 32 here.
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(1000), BufferConfig.MaxBytes(64)));
        Assert.Empty(In(driver, "a", "1", 100));
        Assert.Empty(In(driver, "b", "2", 101));

        Assert.Equal(["a 1 100"], In(driver, "c", "3", 102));
    }

    [Fact]
    public void A_change_comes_out_with_the_headers_it_came_with()
    {
        using var driver = Run(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()));
        var input = driver.CreateInputTopic<string, string>("in");
        input.PipeInput(new Record<string, string>("k", "a", 100, Headers.Empty.With("from", [1])));
        input.PipeInput(new Record<string, string>("other", "b", 110, Headers.Empty.With("from", [2])));

        var record = Assert.Single(driver.CreateOutputTopic<string, string>("out").ReadRecordsToList());

        Assert.True(record.Headers.TryGetLast("from", out var from));
        Assert.Equal([1], from);
    }

    [Fact]
    public void Those_downstream_see_the_table_as_it_was_until_a_change_comes_out()
    {
        var builder = new StreamBuilder();
        var suppressed = builder.Table("in", null, Materialized.As<string, string>("table"))
            .Suppress(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()));
        builder.Table<string, string>("ask").LeftJoin(suppressed, (_, value) => value ?? "nothing").ToStream().To("out");
        using var driver = new TopologyTestDriver(builder.Build());
        var ask = driver.CreateInputTopic<string, string>("ask");
        driver.CreateInputTopic<string, string>("in").PipeInput("k", "a", 100);
        ask.PipeInput("k", "?", 100);
        driver.CreateInputTopic<string, string>("in").PipeInput("other", "b", 110);
        ask.PipeInput("k", "?", 110);

        Assert.Equal(["nothing", "a", "a"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
    }

    [Fact]
    public void Node_and_buffer_are_named_after_what_was_given()
    {
        var builder = new StreamBuilder();
        builder.Table("in", null, Materialized.As<string, string>("table"))
            .Suppress(Suppressed.UntilTimeLimit(Ms(10), BufferConfig.Unbounded()).WithName("held"));

        Assert.Contains("Processor: held (stores: [held-store])", builder.Build().Describe(), StringComparison.Ordinal);
    }

    private static TopologyTestDriver Run(Suppressed suppressed)
    {
        var builder = new StreamBuilder();
        builder.Table("in", null, Materialized.As<string, string>("table")).Suppress(suppressed).ToStream().To("out");
        return new(builder.Build());
    }

    private static string[] In(TopologyTestDriver driver, string key, string? value, long at)
    {
        driver.CreateInputTopic<string, string>("in").PipeInput(key, value!, at);
        return
        [
            .. driver.CreateOutputTopic<string, string>("out").ReadRecordsToList()
                .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {(r.HasValue ? r.Value : "-")} {r.Timestamp}")),
        ];
    }
}
