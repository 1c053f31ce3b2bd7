using Streams.TestKit;

namespace Streams.Tests.Dsl;

public sealed class WindowedTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_late_order_counts_until_grace_ends()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("orders")
            .GroupByKey()
            .WindowedBy(TumblingWindows.Of(TimeSpan.FromMinutes(5)).WithGrace(TimeSpan.FromMinutes(1)))
            .Count()
            .ToStream()
            .To("order-counts");
        using var driver = new TopologyTestDriver(builder.Build());
        var orders = driver.CreateInputTopic<string, string>("orders");
        orders.PipeInput("ann", "tea", Noon);
        orders.PipeInput("bob", "rye", Noon.AddMinutes(5.5));

        orders.PipeInput("ann", "jam", Noon.AddMinutes(4));

        var counts = driver
            .CreateOutputTopic("order-counts", Serdes.Windowed(Serdes.String, TimeSpan.FromMinutes(5)), Serdes.Int64)
            .ReadKeyValuesToMap();
        Assert.Equal(2, counts[new("ann", new(Noon.ToUnixTimeMilliseconds(), Noon.AddMinutes(5).ToUnixTimeMilliseconds()))]);
    }
}
