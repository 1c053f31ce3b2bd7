using FsCheck;
using FsCheck.Fluent;
using Streams.TestKit;

namespace Streams.Tests.Async;

/// <summary>Values made by calls that take time. One input record becomes several, so that several calls are in flight at once.</summary>
public sealed class MapValuesAsyncTests
{
    [Fact]
    public void Results_go_on_in_the_order_of_the_records_whichever_call_ends_first()
    {
        var calls = new List<TaskCompletionSource<string>>();
        using var scene = Scene((value, _) =>
        {
            var call = new TaskCompletionSource<string>();
            calls.Add(call);

            // The last call to begin ends first.
            if (value == "c")
            {
                calls[2].SetResult("C");
                calls[1].SetResult("B");
                calls[0].SetResult("A");
            }

            return call.Task;
        });

        Assert.Equal(["A", "B", "C"], scene.Pipe("a b c"));
    }

    [Fact]
    public void Key_time_and_headers_stay_those_of_the_record()
    {
        using var scene = Scene(async (value, _) =>
        {
            await Task.Yield();
            return value + "!";
        });

        scene.Input.PipeInput(new Record<string, string>("k", "a b", 7).WithHeader("trace", [1]));

        var records = scene.Output.ReadRecordsToList();
        Assert.Equal([("k", "a!", 7L), ("k", "b!", 7L)], records.Select(r => (r.Key, r.Value, r.Timestamp)));
        Assert.All(records, r => Assert.Equal("trace", Assert.Single(r.Headers).Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Never_more_calls_are_in_flight_than_asked_for_and_no_fewer_where_there_is_work(int concurrency)
    {
        const int Values = 20;
        var (inFlight, most, started) = (0, 0, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var scene = Scene(
            async (value, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inFlight));
                if (++started == concurrency)
                    enough.SetResult();

                // No call ends before as many as may are in flight.
                await enough.Task;
                Interlocked.Decrement(ref inFlight);
                return value;
            },
            concurrency);

        Assert.Equal(Values, scene.Pipe(string.Join(' ', Enumerable.Range(0, Values))).Length);
        Assert.Equal(concurrency, most);
    }

    [Fact]
    public void A_call_that_fails_stops_the_task_and_the_error_names_its_node_and_record()
    {
        using var scene = Scene(Refuse);

        var error = Assert.Throws<ProcessingException>(() => scene.Pipe("a bad c"));

        Assert.Equal(("lookup", new RecordMetadata("in", 0, 0)), (error.Node, error.Record));
        Assert.Equal("refused", error.InnerException!.Message);
    }

    [Fact]
    public void The_handler_may_drop_its_record_and_the_others_go_on_in_order()
    {
        ProcessingError? told = null;
        using var scene = Scene(Refuse, configure: c => c.ProcessingErrors = error =>
        {
            told = error;
            return ErrorResponse.Continue;
        });

        Assert.Equal(["a", "c"], scene.Pipe("a bad c"));
        Assert.Equal(("lookup", "bad", 1), (told!.Node, told.Value, told.Attempt));
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void A_retry_makes_the_call_again_in_its_turn()
    {
        var attempts = new List<string>();
        using var scene = Scene(
            (value, _) =>
            {
                attempts.Add(value);
                return value == "bad" && attempts.Count(v => v == "bad") < 3 ? Task.FromException<string>(new TimeoutException()) : Task.FromResult(value);
            },
            configure: c => c.ProcessingErrors = _ => ErrorResponse.Retry(new(attempts: 5)));

        Assert.Equal(["a", "bad", "c"], scene.Pipe("a bad c"));
        Assert.Equal(["a", "bad", "c", "bad", "bad"], attempts);
    }

    [Fact]
    public void A_call_that_runs_into_its_own_time_limit_fails_like_any_other()
    {
        Exception? told = null;
        using var scene = Scene(
            (value, _) => value == "slow" ? Task.FromCanceled<string>(new(canceled: true)) : Task.FromResult(value),
            configure: c => c.ProcessingErrors = error =>
            {
                told = error.Error;
                return ErrorResponse.Continue;
            });

        Assert.Equal(["a", "c"], scene.Pipe("a slow c"));
        Assert.IsType<TaskCanceledException>(told);
    }

    [Fact]
    public void So_does_one_that_fails_before_its_first_await_and_one_that_gives_no_task()
    {
        var told = new List<string>();
        using var scene = Scene(
            (value, _) => value switch
            {
                "throws" => throw new InvalidOperationException("at once"),
                "nothing" => null!,
                _ => Task.FromResult(value),
            },
            configure: c => c.ProcessingErrors = error =>
            {
                told.Add(error.Error.Message);
                return ErrorResponse.Continue;
            });

        Assert.Equal(["a", "c"], scene.Pipe("a throws nothing c"));
        Assert.Equal(["at once", "MapValuesAsync's mapper returned null instead of a task."], told);
    }

    [Fact]
    public void A_dead_letter_is_the_input_record_of_the_call_that_failed()
    {
        using var scene = Scene(Refuse, configure: c => (c.DeadLetterTopic, c.ProcessingErrors) = ("dead", _ => ErrorResponse.DeadLetter));

        Assert.Equal(["fine"], scene.Pipe("bad fine"));
        Assert.Equal("bad fine", scene.Driver.CreateOutputTopic<string, string>("dead").ReadValue());
    }

    [Fact]
    public void State_behind_it_changes_as_if_each_record_were_processed_when_its_result_goes_on()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in")
            .FlatMapValues(v => v.Split(' '))
            .MapValuesAsync(async (_, value, _) =>
            {
                await Task.Yield();
                return value;
            })
            .GroupByKey()
            .Aggregate(() => "", (_, value, all) => all + value)
            .ToStream()
            .To("out");
        using var driver = new TopologyTestDriver(builder.Build(), new() { ApplicationId = "test", CacheBytesMax = 0 });

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "a b c", 1);

        Assert.Equal(["a", "ab", "abc"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
    }

    [Fact]
    public void Whatever_calls_take_or_fail_the_rest_goes_on_in_order_through_one_such_step_after_another() =>
        Prop.ForAll<(byte Turns, bool Fails)[], byte>((calls, bounds) =>
        {
            async Task<int> Call(int index, bool fails)
            {
                for (var turn = calls[index].Turns % 5; turn > 0; turn--)
                    await Task.Yield();
                return fails && calls[index].Fails ? throw new InvalidOperationException("told to fail") : index;
            }

            var builder = new StreamBuilder();
            builder.Stream<string, int>("in")
                .FlatMapValues(count => Enumerable.Range(0, count))
                .MapValuesAsync((_, index, _) => Call(index, fails: true), 1 + (bounds % 4))
                .MapValuesAsync((_, index, _) => Call(index, fails: false), 1 + (bounds / 4 % 4))
                .To("out");
            using var driver = new TopologyTestDriver(
                builder.Build(), new() { ApplicationId = "test", ProcessingErrors = _ => ErrorResponse.Continue });

            driver.CreateInputTopic<string, int>("in").PipeInput("k", calls.Length, 1);

            return driver.CreateOutputTopic<string, int>("out").ReadValuesToList()
                .SequenceEqual(Enumerable.Range(0, calls.Length).Where(index => !calls[index].Fails));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void At_least_one_call_must_be_allowed() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Scene((value, _) => Task.FromResult(value), concurrency: 0));

    private static Task<string> Refuse(string value, CancellationToken cancellation) =>
        value == "bad" ? Task.FromException<string>(new InvalidOperationException("refused")) : Task.FromResult(value);

    private static AsyncScene Scene(
        Func<string, CancellationToken, Task<string>> call,
        int concurrency = KStream<string, string>.DefaultConcurrency,
        Action<StreamConfig>? configure = null) => new(call, concurrency, configure);

    private sealed class AsyncScene : IDisposable
    {
        public AsyncScene(Func<string, CancellationToken, Task<string>> call, int concurrency, Action<StreamConfig>? configure)
        {
            var builder = new StreamBuilder();
            builder.Stream<string, string>("in")
                .FlatMapValues(v => v.Split(' '))
                .MapValuesAsync((_, value, cancellation) => call(value, cancellation), concurrency, "lookup")
                .To("out");
            var config = new StreamConfig { ApplicationId = "test" };
            configure?.Invoke(config);
            Driver = new(builder.Build(), config);
            Input = Driver.CreateInputTopic<string, string>("in");
            Output = Driver.CreateOutputTopic<string, string>("out");
        }

        public TopologyTestDriver Driver { get; }

        public TestInputTopic<string, string> Input { get; }

        public TestOutputTopic<string, string> Output { get; }

        public string[] Pipe(string value)
        {
            Input.PipeInput("k", value, 1);
            return [.. Output.ReadValuesToList()];
        }

        public void Dispose() => Driver.Dispose();
    }
}
