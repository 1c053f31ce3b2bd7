using Streams.TestKit;

namespace Streams.Tests.Dsl;

public sealed class StatelessTests
{
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
