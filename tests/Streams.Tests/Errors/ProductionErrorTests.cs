using System.Buffers;
using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>What happens to a record that cannot be written: its serde fails. Refusals of brokers: <see cref="RefusedRecordTests"/>.</summary>
public sealed class ProductionErrorTests
{
    [Fact]
    public void By_default_the_task_stops_and_the_error_names_both_ends()
    {
        using var scene = new ErrorScene(Unwritable, _ => { });

        var error = Assert.Throws<ProductionException>(() => scene.In.PipeInput("k", "bad", 1));

        Assert.Equal(
            "Node 'writer' of task 0_0 cannot write to topic 'out' on the record at offset 0 of in-0: the value's serde failed: cannot be written",
            error.Message);
    }

    [Theory]
    [InlineData("bad", "fine", ProductionOrigin.Key)]
    [InlineData("fine", "bad", ProductionOrigin.Value)]
    public void The_handler_is_told_what_failed_and_may_go_on(string key, string value, ProductionOrigin origin)
    {
        ProductionError? told = null;
        using var scene = new ErrorScene(Unwritable, c => c.ProductionErrors = error =>
        {
            told = error;
            return ErrorResponse.Continue;
        });

        scene.In.PipeInput(key, value, 3);
        scene.In.PipeInput("k", "v", 4);

        Assert.NotNull(told);
        Assert.Equal(("writer", "out", origin, 3L), (told.Node, told.Topic, told.Origin, told.Timestamp));
        Assert.Equal((key, value), (told.Key, told.Value));
        Assert.Equal(new RecordMetadata("in", 0, 0), told.Record);
        Assert.Equal(["v"], scene.Out.ReadValuesToList());
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_dead_letter_is_the_input_record_not_the_one_that_was_to_be_written()
    {
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(_ => "bad").To("out", Produced.With(Serdes.String, new Fussy())),
            c => (c.DeadLetterTopic, c.ProductionErrors) = ("dead", _ => ErrorResponse.DeadLetter));

        scene.In.PipeInput("k", "as it came", 1);

        Assert.Equal("as it came", scene.Dead.ReadValue());
    }

    [Fact]
    public void A_processing_handler_is_not_asked_about_what_cannot_be_written()
    {
        using var scene = new ErrorScene(Unwritable, c => c.ProcessingErrors = _ => ErrorResponse.Continue);

        Assert.Throws<ProductionException>(() => scene.In.PipeInput("k", "bad", 1));
    }

    [Fact]
    public void A_production_handlers_fail_is_final_behind_an_operator_whose_own_failures_may_go_on()
    {
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(v => v).To("out", Produced.With(Serdes.String, new Fussy())),
            c => (c.ProductionErrors, c.ProcessingErrors) = (_ => ErrorResponse.Fail, _ => ErrorResponse.Continue));

        Assert.Throws<ProductionException>(() => scene.In.PipeInput("k", "bad", 1));
    }

    [Fact]
    public void Choosing_a_topic_is_user_code_like_any_other()
    {
        ProcessingError? told = null;
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").To((_, value, _) => value == "bad" ? throw new InvalidOperationException("nowhere") : "out"),
            c => c.ProcessingErrors = error =>
            {
                told = error;
                return ErrorResponse.Continue;
            });

        scene.In.PipeInput("k", "bad", 1);
        scene.In.PipeInput("k", "fine", 2);

        Assert.Equal("nowhere", told?.Error.Message);
        Assert.Equal(["fine"], scene.Out.ReadValuesToList());
    }

    [Theory]
    [InlineData("without a topic")]
    [InlineData("without a partition")]
    public void What_cannot_be_addressed_is_dropped_at_its_sink_alone(string record)
    {
        var told = new List<string>();
        using var scene = new ErrorScene(
            b =>
            {
                var mapped = b.Stream<string, string>("in").MapValues(v => v);
                mapped.To(
                    (_, value, _) => value == "without a topic" ? throw new InvalidOperationException("no topic") : "elsewhere",
                    Produced.With(Serdes.String, Serdes.String).WithName("picky").WithPartitioner((_, in r, _) => r.Value == "without a partition"
                        ? throw new InvalidOperationException("no partition")
                        : 0));
                mapped.To("out");
            },
            c => c.ProcessingErrors = error =>
            {
                told.Add(error.Node);
                return ErrorResponse.Continue;
            });

        scene.In.PipeInput("k", record, 1);
        scene.In.PipeInput("k", "fine", 2);

        Assert.Equal(["picky"], told);
        Assert.Equal([record, "fine"], scene.Out.ReadValuesToList());
        Assert.Equal(["fine"], scene.Driver.CreateOutputTopic<string, string>("elsewhere").ReadValuesToList());
    }

    private static void Unwritable(StreamBuilder builder) =>
        builder.Stream<string, string>("in").To("out", Produced.With(new Fussy(), new Fussy()).WithName("writer"));

    private sealed class Fussy : ISerde<string>
    {
        public void Serialize(string value, IBufferWriter<byte> to)
        {
            if (value == "bad")
                throw new FormatException("cannot be written");
            Serdes.String.Serialize(value, to);
        }

        public string Deserialize(ReadOnlySpan<byte> from) => Serdes.String.Deserialize(from);
    }
}
