using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>What happens when a lambda, a processor or a punctuation of the topology fails.</summary>
public sealed class ProcessingErrorTests
{
    [Fact]
    public void By_default_the_task_stops_and_the_error_names_node_task_and_record()
    {
        using var scene = new ErrorScene(Picky, _ => { });
        scene.In.PipeInput("k", "fine", 1);

        var error = Assert.Throws<ProcessingException>(() => scene.In.PipeInput("k", "bad", 2));

        Assert.Equal("Node 'picky' of task 0_0 failed on the record at offset 1 of in-0: told to fail", error.Message);
        Assert.Equal(("picky", new TaskId(0, 0), new RecordMetadata("in", 0, 1)), (error.Node, error.Task, error.Record));
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public void A_handler_that_says_continue_drops_the_record_at_that_node_and_counts_it()
    {
        using var scene = new ErrorScene(Picky, c => c.ProcessingErrors = _ => ErrorResponse.Continue);

        scene.In.PipeInput("k", "bad", 1);
        scene.In.PipeInput("k", "fine", 2);

        Assert.Equal(["fine"], scene.Out.ReadValuesToList());
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_record_dropped_at_one_node_still_reaches_the_nodes_beside_it()
    {
        using var scene = new ErrorScene(
            b =>
            {
                var stream = b.Stream<string, string>("in");
                stream.MapValues(Pick).To("out");
                stream.MapValues(v => $"beside {v}").To("dead");
            },
            c => c.ProcessingErrors = _ => ErrorResponse.Continue);

        scene.In.PipeInput("k", "bad", 1);

        Assert.True(scene.Out.IsEmpty);
        Assert.Equal(["beside bad"], scene.Dead.ReadValuesToList());
    }

    [Fact]
    public void The_handler_is_told_all_about_the_record_as_the_node_saw_it()
    {
        ProcessingError? told = null;
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(v => v + "!").MapValues(Pick, "picky").To("out"),
            c => c.ProcessingErrors = error =>
            {
                told = error;
                return ErrorResponse.Continue;
            });

        scene.In.PipeInput(new Record<string, string>("k", "bad", 7).WithHeader("trace", [1]));

        Assert.NotNull(told);
        Assert.Equal(("picky", new TaskId(0, 0), new RecordMetadata("in", 0, 0)), (told.Node, told.Task, told.Record));
        Assert.Equal(("k", "bad!", 7L, 1), (told.Key, told.Value, told.Timestamp, told.Attempt));
        Assert.Equal("trace", Assert.Single(told.Headers).Key);
        Assert.Equal("told to fail", told.Error.Message);
    }

    [Fact]
    public void A_dead_letter_is_the_record_as_it_was_read_with_the_reason_in_its_headers()
    {
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(v => v + "!").MapValues(Pick).To("out"),
            c => (c.DeadLetterTopic, c.ProcessingErrors) = ("dead", _ => ErrorResponse.DeadLetter));
        scene.In.PipeInput("k", "fine", 1);

        scene.In.PipeInput(new Record<string, string>("k", "bad", 2).WithHeader("trace", "abc"u8.ToArray()));

        var letter = scene.Dead.ReadRecord();
        Assert.Equal(("k", "bad", 2L), (letter.Key, letter.Value, letter.Timestamp));
        Assert.Equal(
            ["trace", "__streams.errors.exception", "__streams.errors.message", "__streams.errors.stacktrace", "__streams.errors.topic", "__streams.errors.partition", "__streams.errors.offset"],
            letter.Headers.Select(h => h.Key));
        Assert.Equal("System.InvalidOperationException", ErrorScene.Header(letter, "__streams.errors.exception"));
        Assert.Equal("told to fail", ErrorScene.Header(letter, "__streams.errors.message"));
        Assert.Contains(nameof(Pick), ErrorScene.Header(letter, "__streams.errors.stacktrace"), StringComparison.Ordinal);
        Assert.Equal("in", ErrorScene.Header(letter, "__streams.errors.topic"));
        Assert.Equal("0", ErrorScene.Header(letter, "__streams.errors.partition"));
        Assert.Equal("1", ErrorScene.Header(letter, "__streams.errors.offset"));
    }

    [Fact]
    public void A_dead_letter_has_key_and_value_though_a_sink_beside_the_failing_node_has_sent_the_record()
    {
        using var scene = new ErrorScene(
            b =>
            {
                var stream = b.Stream<string, string>("in");
                stream.To("out");
                stream.MapValues(Pick).To("mapped");
            },
            c => (c.DeadLetterTopic, c.ProcessingErrors) = ("dead", _ => ErrorResponse.DeadLetter));

        scene.In.PipeInput("k", "bad", 1);

        Assert.Equal(["bad"], scene.Out.ReadValuesToList());
        Assert.Equal(KeyValue.Pair("k", "bad"), scene.Dead.ReadKeyValue());
    }

    [Fact]
    public void Without_a_handler_a_dead_letter_topic_gets_the_record_before_the_task_stops()
    {
        using var scene = new ErrorScene(Picky, c => c.DeadLetterTopic = "dead");

        Assert.Throws<ProcessingException>(() => scene.In.PipeInput("k", "bad", 2));

        Assert.Equal("bad", scene.Dead.ReadValue());
    }

    [Fact]
    public void A_dead_letter_without_a_topic_to_go_to_is_an_error_that_says_so()
    {
        using var scene = new ErrorScene(Picky, c => c.ProcessingErrors = _ => ErrorResponse.DeadLetter);

        var error = Assert.Throws<StreamsException>(() => scene.In.PipeInput("k", "bad", 2));

        Assert.Contains("StreamConfig.DeadLetterTopic is not set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retry_calls_the_node_again_and_the_record_goes_on_once()
    {
        var failures = 2;
        var attempts = new List<int>();
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(v => failures-- > 0 ? throw new TimeoutException("not now") : v).To("out"),
            c => c.ProcessingErrors = error =>
            {
                attempts.Add(error.Attempt);
                return ErrorResponse.Retry(new RetryPolicy(5));
            });

        scene.In.PipeInput("k", "v", 1);

        Assert.Equal(["v"], scene.Out.ReadValuesToList());
        Assert.Equal([1, 2], attempts);
        Assert.Equal(0, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_retry_that_never_succeeds_ends_with_what_was_said_to_do_then()
    {
        var calls = 0;
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").MapValues(v =>
            {
                calls++;
                return Pick(v);
            }).To("out"),
            c => (c.DeadLetterTopic, c.ProcessingErrors) = ("dead", _ => ErrorResponse.Retry(new RetryPolicy(3), then: ErrorResponse.DeadLetter)));

        scene.In.PipeInput("k", "bad", 1);
        scene.In.PipeInput("k", "fine", 2);

        Assert.Equal(3 + 1, calls);
        Assert.Equal("bad", scene.Dead.ReadValue());
        Assert.Equal("fine", scene.Out.ReadValue());
    }

    [Fact]
    public void In_the_test_driver_a_retry_neither_waits_nor_moves_the_clock()
    {
        using var scene = new ErrorScene(
            Picky, c => c.ProcessingErrors = _ => ErrorResponse.Retry(new RetryPolicy(4, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)), ErrorResponse.Continue));

        scene.In.PipeInput("k", "bad", 1);

        Assert.Equal(DateTimeOffset.UnixEpoch, scene.Driver.WallClockTime);
    }

    [Fact]
    public void A_retry_that_would_outlast_the_groups_patience_is_refused()
    {
        using var scene = new ErrorScene(
            Picky, c => c.ProcessingErrors = _ => ErrorResponse.Retry(new RetryPolicy(100, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1))));

        var error = Assert.Throws<StreamsException>(() => scene.In.PipeInput("k", "bad", 1));

        Assert.Contains("PollIntervalMax", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retry_of_a_windowed_aggregation_does_not_count_a_window_twice()
    {
        var calls = 0;
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in")
                .GroupByKey()
                .WindowedBy(HoppingWindows.Of(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)).WithGrace(TimeSpan.Zero))
                .Aggregate(() => "", (_, v, a) => ++calls == 2 ? throw new TimeoutException("not now") : a + v, Materialized.As<string, string>("store"))
                .ToStream((window, _) => $"{window.Window.StartMs}")
                .To("out"),
            c => c.ProcessingErrors = _ => ErrorResponse.Retry(new RetryPolicy(2)));

        scene.In.PipeInput("k", "x", 12_000);

        Assert.Equal([("5000", "x"), ("10000", "x")], scene.Out.ReadKeyValuesToList().Select(r => (r.Key, r.Value)));
    }

    [Fact]
    public void What_fails_behind_a_record_cache_is_told_with_the_record_that_made_the_change()
    {
        var told = new List<ProcessingError>();
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").GroupByKey().Reduce((_, v) => v).ToStream().MapValues(Pick, "picky").To("out"),
            c => (c.CacheBytesMax, c.ProcessingErrors) = (1 << 20, error =>
            {
                told.Add(error);
                return ErrorResponse.Continue;
            }));

        scene.In.PipeInput("k", "fine", 1);
        scene.In.PipeInput("k", "bad", 2);

        Assert.Equal(["fine"], scene.Out.ReadValuesToList());
        var error = Assert.Single(told);
        Assert.Equal(("picky", new RecordMetadata("in", 0, 1), 2L), (error.Node, error.Record, error.Timestamp));
    }

    [Fact]
    public void A_punctuations_error_goes_to_the_handler_without_a_record()
    {
        ProcessingError? told = null;
        using var scene = new ErrorScene(
            b => b.Stream<string, string>("in").Process(() => new FailingPunctuation(), "ticker").To("out"),
            c => c.ProcessingErrors = error =>
            {
                told = error;
                return ErrorResponse.Continue;
            });

        scene.Driver.AdvanceWallClockTime(TimeSpan.FromSeconds(1));

        Assert.NotNull(told);
        Assert.Equal(("ticker", (RecordMetadata?)null, 1000L), (told.Node, told.Record, told.Timestamp));
        Assert.Null(told.Key);
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_punctuations_error_without_a_handler_names_its_node()
    {
        using var scene = new ErrorScene(b => b.Stream<string, string>("in").Process(() => new FailingPunctuation(), "ticker").To("out"), _ => { });

        var error = Assert.Throws<ProcessingException>(() => scene.Driver.AdvanceWallClockTime(TimeSpan.FromSeconds(1)));

        Assert.Equal("Node 'ticker' of task 0_0 failed in a punctuation: told to fail", error.Message);
    }

    [Fact]
    public void A_handler_that_fails_itself_stops_the_task_and_is_named()
    {
        using var scene = new ErrorScene(Picky, c => c.ProcessingErrors = _ => throw new FormatException("handler bug"));

        var error = Assert.Throws<ErrorHandlerException>(() => scene.In.PipeInput("k", "bad", 1));

        Assert.Contains("StreamConfig.ProcessingErrors failed itself (handler bug)", error.Message, StringComparison.Ordinal);
        Assert.Contains("node 'picky' of task 0_0 on the record at offset 0 of in-0", error.Message, StringComparison.Ordinal);
    }

    private static void Picky(StreamBuilder builder) => builder.Stream<string, string>("in").MapValues(Pick, "picky").To("out");

    private static string Pick(string value) =>
        value.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidOperationException("told to fail") : value;

    private sealed class FailingPunctuation : Processor<string, string, string, string>
    {
        public override void Init() =>
            Context.Schedule(TimeSpan.FromSeconds(1), PunctuationType.WallClockTime, _ => throw new InvalidOperationException("told to fail"));

        public override void Process(in Record<string, string> record) => Context.Forward(in record);
    }
}
