using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine-from-streamiz.md: the same topology, as it is written here.</summary>
public sealed class StreamizExamples
{
    [Fact]
    public void A_topology_from_Streamiz()
    {
        #region from streamiz
        var config = new StreamConfig { ApplicationId = "orders" };

        var builder = new StreamBuilder();
        builder.Stream<string, string>("orders")
            .Filter((_, order) => order.Length > 0)
            .GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeAndGrace(TimeSpan.FromMinutes(1), grace: TimeSpan.FromMinutes(1)))
            .Count(Materialized.As<string, long>("orders-per-minute"))
            .ToStream()
            .To("orders-per-minute");

        using var driver = new TopologyTestDriver(builder.Build(), config);
        #endregion

        driver.CreateInputTopic<string, string>("orders").PipeInput("ann", "tea", 1);
        var output = driver.CreateOutputTopic<Windowed<string>, long>("orders-per-minute", Serdes.Windowed(Serdes.String, TimeSpan.FromMinutes(1)));
        Assert.Equal(1, output.ReadValue());
    }
}
