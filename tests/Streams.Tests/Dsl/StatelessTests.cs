using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>Operators that look at one record at a time: what they make of it, and that its time and headers go on with it.</summary>
public sealed class StatelessTests
{
    private static readonly Headers _headers = Headers.Empty.With("from", [7]);

    [Fact]
    public void Printing_shows_each_record_behind_its_label()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var builder = new StreamBuilder();
        var stream = builder.Stream<string, string>("in");
        stream.Print(Printed.To<string, string>(text));
        stream.MapValues(v => v.Length).Print(Printed.To<string, int>(text).WithLabel("lengths").WithKeyValueMapper((k, v) => $"{k} has {v}"));
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "tea", 1);
        driver.CreateInputTopic<string, string>("in").PipeInput(null!, "jam", 2);

        Assert.Equal(
            "[KSTREAM-SOURCE-0000000000]: k, tea\n[lengths]: k has 3\n[KSTREAM-SOURCE-0000000000]: null, jam\n[lengths]:  has 3\n", text.ToString());
    }

    [Fact]
    public void A_filter_keeps_what_matches()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Filter((_, value) => value.StartsWith('a')).MapValues(value => value.ToUpperInvariant()).To("out");
        using var driver = new TopologyTestDriver(builder.Build());
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k1", "apple", 10);
        input.PipeInput("k2", "pear", 20);

        var output = driver.CreateOutputTopic<string, string>("out").ReadRecordsToList();
        Assert.Equal(["APPLE"], output.Select(r => r.Value));
        Assert.Equal(10, output[0].Timestamp);
    }

    [Fact]
    public void FilterNot_keeps_what_does_not_match() =>
        Assert.Equal(["k2=pear"], Pipe(s => s.FilterNot((_, value) => value.StartsWith('a')), ("k1", "apple"), ("k2", "pear")));

    [Fact]
    public void Map_makes_another_key_and_value() =>
        Assert.Equal(["apple=k1"], Pipe(s => s.Map((key, value) => KeyValue.Pair(value, key)), ("k1", "apple")));

    [Fact]
    public void MapValues_makes_another_value_and_may_look_at_the_key()
    {
        Assert.Equal(["k1=APPLE"], Pipe(s => s.MapValues(value => value.ToUpperInvariant()), ("k1", "apple")));
        Assert.Equal(["k1=k1:apple"], Pipe(s => s.MapValues((key, value) => $"{key}:{value}"), ("k1", "apple")));
    }

    [Fact]
    public void FlatMap_makes_any_number_of_records_in_the_order_that_it_gives() =>
        Assert.Equal(
            ["a=k", "b=k"],
            Pipe(s => s.FlatMap((key, value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => KeyValue.Pair(v, key))), ("k", "a,b"), ("none", "")));

    [Fact]
    public void FlatMapValues_makes_any_number_of_values_of_the_same_key()
    {
        Assert.Equal(["k=a", "k=b"], Pipe(s => s.FlatMapValues(value => value.Split(',')), ("k", "a,b")));
        Assert.Equal(["k=k", "k=a"], Pipe(s => s.FlatMapValues((key, value) => new[] { key, value }), ("k", "a")));
    }

    [Fact]
    public void SelectKey_gives_another_key_or_none()
    {
        Assert.Equal(["apple=apple"], Pipe(s => s.SelectKey((_, value) => value), ("k", "apple")));
        Assert.Equal(["=apple"], Pipe(s => s.SelectKey((_, _) => (string)null!), ("k", "apple")));
    }

    [Fact]
    public void Merge_has_the_records_of_both() =>
        Assert.Equal(
            ["k1=APPLE", "k1=apple"],
            Pipe(s => s.Merge(s.MapValues(value => value.ToUpperInvariant())), ("k1", "apple")).Order(StringComparer.Ordinal));

    [Fact]
    public void Peek_looks_at_records_that_go_on_and_Foreach_ends_their_way()
    {
        var seen = new List<string>();

        var went = Pipe(
            s =>
            {
                s.Foreach((key, value) => seen.Add($"foreach {key}={value}"));
                return s.Peek((key, value) => seen.Add($"peek {key}={value}"));
            },
            ("k1", "apple"));

        Assert.Equal(["k1=apple"], went);
        Assert.Equal(["foreach k1=apple", "peek k1=apple"], seen);
    }

    [Theory]
    [InlineData("filter")]
    [InlineData("map")]
    [InlineData("mapValues")]
    [InlineData("flatMap")]
    [InlineData("flatMapValues")]
    [InlineData("selectKey")]
    [InlineData("merge")]
    [InlineData("peek")]
    [InlineData("repartition")]
    public void A_records_time_and_headers_go_on_with_it(string how)
    {
        var builder = new StreamBuilder();
        var stream = builder.Stream<string, string>("in");
        var next = how switch
        {
            "filter" => stream.Filter((_, _) => true),
            "map" => stream.Map((key, value) => KeyValue.Pair(key, value)),
            "mapValues" => stream.MapValues(value => value),
            "flatMap" => stream.FlatMap((key, value) => new[] { KeyValue.Pair(key, value) }),
            "flatMapValues" => stream.FlatMapValues(value => new[] { value }),
            "selectKey" => stream.SelectKey((key, _) => key),
            "merge" => stream.Merge(builder.Stream<string, string>("other")),
            "peek" => stream.Peek((_, _) => { }),
            _ => stream.Repartition(),
        };
        next.To("out");
        using var driver = new TopologyTestDriver(builder.Build());

        driver.CreateInputTopic<string, string>("in").PipeInput(new Record<string, string>("k", "v", 42, _headers));

        var record = driver.CreateOutputTopic<string, string>("out").ReadRecord();
        Assert.Equal(("k", "v", 42), (record.Key, record.Value, record.Timestamp));
        Assert.Equal(_headers, record.Headers);
    }

    private static string[] Pipe(Func<KStream<string, string>, KStream<string, string>> declare, params (string Key, string Value)[] records)
    {
        var builder = new StreamBuilder();
        declare(builder.Stream<string, string>("in")).To("out");
        using var driver = new TopologyTestDriver(builder.Build());
        foreach (var (key, value) in records)
            driver.CreateInputTopic<string, string>("in").PipeInput(key, value, 1);
        return [.. driver.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => $"{r.Key}={r.Value}")];
    }
}
