using System.Buffers;
using System.Text;
using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: errors, serdes, times.</summary>
public sealed class ErrorExamples
{
    #region serde
    /// <summary>Prices as text with two decimals.</summary>
    private sealed class PriceSerde : ISerde<decimal>
    {
        public void Serialize(decimal value, IBufferWriter<byte> to) => Encoding.UTF8.GetBytes($"{value:F2}", to);

        public decimal Deserialize(ReadOnlySpan<byte> from) => decimal.Parse(Encoding.UTF8.GetString(from));
    }
    #endregion

    [Fact]
    public void Handlers_answer_for_what_fails()
    {
        #region handlers
        var config = new StreamConfig
        {
            ApplicationId = "shop",
            DeadLetterTopic = "shop-dead-letters",

            // What cannot be read never can: keep it for somebody to look at.
            DeserializationErrors = _ => ErrorResponse.DeadLetter,

            // What may be over in a moment is tried again; all else stops the application with an error that says where.
            ProcessingErrors = error => error.Error is TimeoutException
                ? ErrorResponse.Retry(new RetryPolicy(attempts: 5, firstDelay: TimeSpan.FromMilliseconds(200)), then: ErrorResponse.DeadLetter)
                : ErrorResponse.Fail,

            ProductionErrors = error => error.Origin == ProductionOrigin.Value ? ErrorResponse.DeadLetter : ErrorResponse.Fail,
        };
        #endregion

        var builder = new StreamBuilder();
        var tries = 0;
        builder.Stream<string, decimal>("prices", Consumed.With(Serdes.String, new PriceSerde()))
            .MapValues(price => ++tries < 3 ? throw new TimeoutException() : price)
            .To("checked", Produced.With(Serdes.String, new PriceSerde()));
        using var driver = new TopologyTestDriver(builder.Build(), config);
        var input = driver.CreateInputTopic<string, string>("prices");
        input.PipeInput("tea", "three");
        input.PipeInput("tea", "3.00");
        Assert.Equal(["3.00"], driver.CreateOutputTopic<string, string>("checked").ReadValuesToList());
        var dead = driver.CreateOutputTopic<string, string>("shop-dead-letters").ReadRecord();

        Assert.Equal("three", dead.Value);
        Assert.True(dead.Headers.TryGetLast("__streams.errors.exception", out _));
    }

    [Fact]
    public void Times_and_formats_are_chosen_where_a_topic_is_read()
    {
        var builder = new StreamBuilder();

        #region consumed
        KStream<string, string> orders = builder.Stream(
            "orders",
            Consumed.With(Serdes.String, Serdes.String)
                .WithName("orders")
                .WithTimestampExtractor((in Record<string, string> record, long partitionTime) =>
                    long.TryParse(record.Value.Split('@')[^1], out var time) ? time : partitionTime));
        #endregion

        orders.To("copy");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("orders").PipeInput("1", "tea@1234");
        Assert.Equal(1234, driver.CreateOutputTopic<string, string>("copy").ReadRecord().Timestamp);
    }
}
