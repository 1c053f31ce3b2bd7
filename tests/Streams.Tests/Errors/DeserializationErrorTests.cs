using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>What happens to a record whose bytes cannot be read.</summary>
public sealed class DeserializationErrorTests
{
    [Fact]
    public void By_default_the_task_stops_and_the_error_names_source_task_and_record()
    {
        using var scene = new ErrorScene(Numbers, _ => { });

        var error = Assert.Throws<DeserializationException>(() => scene.In.PipeInput("k", "no number", 1));

        Assert.StartsWith("Source 'numbers' of task 0_0 cannot read the value of the record at offset 0 of in-0: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(DeserializationOrigin.Value, error.Details.Origin);
    }

    [Fact]
    public void A_handler_that_says_continue_skips_the_record_and_counts_it()
    {
        using var scene = new ErrorScene(Numbers, c => c.DeserializationErrors = _ => ErrorResponse.Continue);

        scene.In.PipeInput("k", "no number", 1);
        scene.In.PipeInput("k", "12345678", 2);

        Assert.Equal(["3544952156018063160"], scene.Out.ReadValuesToList());
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_dead_letter_keeps_the_bytes_time_and_headers()
    {
        using var scene = new ErrorScene(Numbers, c => (c.DeadLetterTopic, c.DeserializationErrors) = ("dead", _ => ErrorResponse.DeadLetter));

        scene.In.PipeInput(new Record<string, string>("k", "no number", 5).WithHeader("h", "v"u8.ToArray()));

        var letter = scene.Dead.ReadRecord();
        Assert.Equal(("k", "no number", 5L), (letter.Key, letter.Value, letter.Timestamp));
        Assert.Equal("v", ErrorScene.Header(letter, "h"));
        Assert.Equal("in", ErrorScene.Header(letter, "__streams.errors.topic"));
        Assert.Equal("0", ErrorScene.Header(letter, "__streams.errors.offset"));
    }

    [Fact]
    public void A_retry_asks_the_serde_again()
    {
        var serde = new Moody(failures: 2);
        using var scene = new ErrorScene(
            b => b.Stream("in", Consumed.With(Serdes.String, serde)).To("out", Produced.With(Serdes.String, Serdes.String)),
            c => c.DeserializationErrors = _ => ErrorResponse.Retry(new RetryPolicy(3)));

        scene.In.PipeInput("k", "v", 1);

        Assert.Equal("v", scene.Out.ReadValue());
    }

    private static void Numbers(StreamBuilder builder) =>
        builder.Stream("in", Consumed.With(Serdes.String, Serdes.Int64).WithName("numbers"))
            .MapValues(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .To("out");

    private sealed class Moody(int failures) : ISerde<string>
    {
        private int _failures = failures;

        public void Serialize(string value, System.Buffers.IBufferWriter<byte> to) => Serdes.String.Serialize(value, to);

        public string Deserialize(ReadOnlySpan<byte> from) =>
            _failures-- > 0 ? throw new TimeoutException("The registry did not answer.") : Serdes.String.Deserialize(from);
    }
}
