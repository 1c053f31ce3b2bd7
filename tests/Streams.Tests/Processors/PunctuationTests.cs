using System.Globalization;
using Streams.TestKit;

namespace Streams.Tests.Processors;

/// <summary>Callbacks that a clock moves: the records' or the wall's.</summary>
public sealed class PunctuationTests
{
    [Fact]
    public void Stream_time_calls_with_the_first_record_and_then_at_multiples_of_the_interval()
    {
        using var scene = new Scene(PunctuationType.StreamTime, 100);

        Assert.Equal(["@30"], scene.Pipe(30));
        Assert.Empty(scene.Pipe(99));
        Assert.Equal(["@100"], scene.Pipe(100));
        Assert.Equal(["@250"], scene.Pipe(250));
        Assert.Equal(["@300"], scene.Pipe(300));
    }

    [Fact]
    public void A_leap_over_several_intervals_calls_once_with_the_time_that_it_leapt_to()
    {
        using var scene = new Scene(PunctuationType.StreamTime, 100);
        scene.Pipe(0);

        Assert.Equal(["@1050"], scene.Pipe(1050));
        Assert.Equal(["@1100"], scene.Pipe(1100));
    }

    [Fact]
    public void Records_out_of_order_do_not_move_stream_time_and_the_wall_clock_does_not_either()
    {
        using var scene = new Scene(PunctuationType.StreamTime, 100);
        scene.Pipe(500);

        Assert.Empty(scene.Pipe(20));
        Assert.Empty(scene.Advance(10_000));
    }

    [Fact]
    public void The_wall_clock_calls_first_one_interval_after_it_was_asked_to()
    {
        using var scene = new Scene(PunctuationType.WallClockTime, 100);

        Assert.Empty(scene.Pipe(10_000));
        Assert.Empty(scene.Advance(99));
        Assert.Equal(["@100"], scene.Advance(1));
        Assert.Equal(["@350"], scene.Advance(250));
        Assert.Equal(["@400"], scene.Advance(50));
    }

    [Fact]
    public void A_cancelled_punctuation_is_not_called_again_even_by_itself()
    {
        using var scene = new Scene(PunctuationType.StreamTime, 100, cancelAt: 200);
        scene.Pipe(0);
        Assert.Equal(["@200"], scene.Pipe(200));

        Assert.Empty(scene.Pipe(300));
    }

    [Fact]
    public void While_punctuating_there_is_no_record_and_what_is_forwarded_has_the_time_that_it_is_given()
    {
        RecordMetadata? metadata = new("something", 0, 0);
        using var scene = new Scene(PunctuationType.WallClockTime, 100, context => metadata = context.RecordMetadata);
        scene.Pipe(1);

        Assert.Equal(["@100"], scene.Advance(100));
        Assert.Null(metadata);
    }

    [Fact]
    public void Several_punctuations_are_called_in_the_order_in_which_they_are_due()
    {
        var called = new List<string>();
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Process(() => new Two(called));
        using var driver = new TopologyTestDriver(builder.Build());

        driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(100));
        driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["fast", "slow", "fast"], called);
    }

    [Fact]
    public void An_interval_below_a_millisecond_is_refused()
    {
        var error = Assert.Throws<StreamsException>(() => new Scene(PunctuationType.StreamTime, 0));

        Assert.IsType<ArgumentOutOfRangeException>(error.InnerException);
    }

    [Fact]
    public void A_processor_that_asks_for_a_commit_gets_one()
    {
        // The driver commits after every record whether asked or not; the task hears of it all the same.
        using var scene = new Scene(PunctuationType.WallClockTime, 100, context => context.Commit());
        scene.Pipe(1);
        var before = scene.Driver.Metrics["commit-total"];

        scene.Advance(100);

        Assert.True(scene.Driver.Metrics["commit-total"] > before);
    }

    private sealed class Scene : IDisposable
    {
        private readonly TestInputTopic<string, string> _input;
        private readonly TestOutputTopic<string, string> _output;

        public Scene(PunctuationType type, long intervalMs, Action<ProcessorContext<string, string>>? onCall = null, long cancelAt = long.MaxValue)
        {
            var builder = new StreamBuilder();
            builder.Stream<string, string>("in").Process(() => new Punctuating(type, intervalMs, onCall, cancelAt)).To("out");
            Driver = new(builder.Build());
            _input = Driver.CreateInputTopic<string, string>("in");
            _output = Driver.CreateOutputTopic<string, string>("out");
        }

        public TopologyTestDriver Driver { get; }

        public string[] Pipe(long at)
        {
            _input.PipeInput("k", "v", at);
            return Read();
        }

        public string[] Advance(long ms)
        {
            Driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(ms));
            return Read();
        }

        public void Dispose() => Driver.Dispose();

        private string[] Read() =>
            [.. _output.ReadRecordsToList().Select(r => r.Value + r.Timestamp.ToString(CultureInfo.InvariantCulture))];
    }

    private sealed class Punctuating(PunctuationType type, long intervalMs, Action<ProcessorContext<string, string>>? onCall, long cancelAt)
        : Processor<string, string, string, string>
    {
        private Punctuation _punctuation = null!;

        public override void Init() => _punctuation = Context.Schedule(TimeSpan.FromMilliseconds(intervalMs), type, time =>
        {
            onCall?.Invoke(Context);
            if (time >= cancelAt)
                _punctuation.Dispose();
            Context.Forward(new Record<string, string>("punctuated", "@", time));
        });

        public override void Process(in Record<string, string> record)
        {
        }
    }

    private sealed class Two(List<string> called) : Processor<string, string>
    {
        public override void Init()
        {
            Context.Schedule(TimeSpan.FromMilliseconds(150), PunctuationType.WallClockTime, _ => called.Add("slow"));
            Context.Schedule(TimeSpan.FromMilliseconds(100), PunctuationType.WallClockTime, _ => called.Add("fast"));
        }

        public override void Process(in Record<string, string> record)
        {
        }
    }
}
