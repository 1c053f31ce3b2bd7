using Streams.TestKit;

namespace Streams.Tests.Dsl;

public sealed class StatelessTests
{
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
}
