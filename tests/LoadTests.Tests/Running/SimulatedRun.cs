using LoadTesting;
using LoadTesting.Statistics;
using Microsoft.Extensions.Time.Testing;

namespace LoadTests.Tests.Running;

/// <summary>Runs load tests on a clock of the test's own, a millisecond at a time, each thing in its turn.</summary>
internal sealed class SimulatedRun
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(30);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Called after each step with the time that has passed; what a test does to the clock or its target in the middle of a run.</summary>
    public Action<TimeSpan> OnStep { get; set; } = _ => { };

    public Task<RunResult> RunAsync(params ScenarioProps[] scenarios) => RunAsync(LoadRunner.RegisterScenarios(scenarios), default);

    public Task<RunResult> RunAsync(LoadRunner runner, CancellationToken cancellation) =>
        // Off the test framework's context: what a timer wakes then goes on at once, on this thread.
        Task.Run(async () =>
        {
            var began = Time.GetUtcNow();
            var run = runner.WithTimeProvider(Time).WithSeed(1).BeginningInline().RunAsync(cancellation);
            while (!run.IsCompleted)
            {
                Time.Advance(_step);
                OnStep(Time.GetUtcNow() - began);
                Assert.True(Time.GetUtcNow() - began < _longest, "The run does not end.");
                await Task.Yield();
            }

            return await run;
        });
}
