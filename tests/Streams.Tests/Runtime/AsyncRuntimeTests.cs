using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

public sealed class AsyncOnOwnBroker(OwnBroker broker, ITestOutputHelper output) : AsyncRuntimeTests(broker, output), IClassFixture<OwnBroker>;

public sealed class AsyncOnApacheKafka(ApacheKafka broker, ITestOutputHelper output) : AsyncRuntimeTests(broker, output), IClassFixture<ApacheKafka>;

/// <summary>Calls that take time, in an application: order, bounds and commits on a broker.</summary>
public abstract class AsyncRuntimeTests(Broker broker, ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Results_go_on_in_order_and_no_more_calls_are_in_flight_than_asked_for()
    {
        const int Records = 500;
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene, Records);
        var (inFlight, most) = (0, 0);
        var topology = Topology(scene, concurrency: 7, async (value, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inFlight));

            // Some calls take several turns, so that they end in another order than they began.
            for (var turns = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) * 7919 % 13; turns > 0; turns--)
                await Task.Yield();
            Interlocked.Decrement(ref inFlight);
            return value;
        });

        await scene.StartAsync(topology);

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == Records);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"{i}"), read.Select(r => r.Value));
        Assert.InRange(most, 1, 7);
    }

    [SkippableFact]
    public async Task A_stop_in_the_middle_cancels_the_calls_in_flight_and_loses_no_record_of_theirs()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene, 10);
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await scene.StartAsync(
            Topology(scene, concurrency: 4, async (value, cancellation) =>
            {
                if (value != "5")
                    return value;

                isHeld.SetResult();
                cancellation.Register(cancelled.SetResult);
                await Task.Delay(Timeout.Infinite, cancellation);
                return value;
            }),
            c => c.ShutdownTimeout = TimeSpan.FromSeconds(1));
        await scene.ReadAsync("out", Serdes.String, r => r.Count == 5);
        await isHeld.Task.WaitAsync(scene.GivesUp);

        await first.StopAsync();
        await cancelled.Task.WaitAsync(scene.GivesUp);

        // Nothing behind the held record went on, though its calls had ended.
        var before = await scene.ReadAsync("out", Serdes.String, r => r.Count >= 5);
        Assert.Equal(["0", "1", "2", "3", "4"], before.Select(r => r.Value));

        var calls = new ConcurrentQueue<string>();
        await scene.StartAsync(Topology(scene, concurrency: 4, (value, _) =>
        {
            calls.Enqueue(value);
            return Task.FromResult(value);
        }));

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Any(x => x.Value == "9"));
        Assert.Equal(["5", "6", "7", "8", "9"], read.Select(r => r.Value).TakeLast(5));
        Assert.Contains("5", calls);
    }

    [SkippableFact]
    public async Task A_commit_waits_for_the_calls_before_it()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene, 10);
        var held = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var application = await scene.StartAsync(
            Topology(scene, concurrency: 4, (value, _) =>
            {
                if (value != "5")
                    return Task.FromResult(value);
                isHeld.SetResult();
                return held.Task;
            }),
            c => c.CommitInterval = TimeSpan.Zero);
        await isHeld.Task.WaitAsync(scene.GivesUp);

        // The stop commits: it cannot be done before the call.
        var stopped = application.StopAsync();
        Assert.False(stopped.IsCompleted);
        held.SetResult("5");
        await stopped;

        await scene.ProduceAsync("in", [("k", "last", 100)]);
        await scene.StartAsync(Topology(scene, concurrency: 4, (value, _) => Task.FromResult(value)));
        var read = await scene.ReadAsync("out", Serdes.String, r => r.Any(x => x.Value == "last"));
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => $"{i}"), "last"], read.Select(r => r.Value));
    }

    private static async Task SetAsync(KafkaScene scene, int records)
    {
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, records).Select(i => ("k", $"{i}", (long)i)));
    }

    private static Topology Topology(KafkaScene scene, int concurrency, Func<string, CancellationToken, Task<string>> call)
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .MapValuesAsync((_, value, cancellation) => call(value, cancellation), concurrency)
            .To(scene.Topic("out"));
        return builder.Build();
    }
}
