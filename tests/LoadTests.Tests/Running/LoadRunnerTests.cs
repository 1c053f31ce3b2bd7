using LoadTesting;
using LoadTesting.Simulations;
using LoadTesting.Statistics;

namespace LoadTests.Tests.Running;

public sealed class LoadRunnerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimulatedRun _run = new();
    private readonly StallingTarget _target = new();

    private ScenarioProps Asking => Scenario.Create("asking", async context =>
    {
        await _target.AskAsync();
        return Response.Ok(sizeBytes: 10);
    });

    [Fact]
    public async Task A_stall_of_the_target_is_charged_to_everyone_it_would_have_kept_waiting()
    {
        _run.OnStep = passed =>
        {
            if (passed == 4 * Second)
                _target.Stall();
            if (passed == 6 * Second)
                _target.GoOn();
        };

        var result = await _run.RunAsync(Asking.WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 10 * Second)));

        // 1,000 invocations, of which 200 fell into two seconds of silence. Who asks one after the other sees a single slow answer.
        var latency = result.Get("asking").Ok.Latency;
        Assert.Equal((1_000, 1_000), (result.Get("asking").Ok.Request.Count, _target.Asked));
        Assert.InRange(latency.Percent50, 0, 1);
        Assert.InRange(latency.Percent75, 0, 1);
        Assert.InRange(latency.Percent90, 980, 1_020);
        Assert.InRange(latency.Percent99, 1_880, 1_920);
        Assert.InRange(latency.MaxMs, 1_990, 2_000);
    }

    [Fact]
    public async Task A_stall_of_the_load_program_itself_is_charged_too_and_said_apart()
    {
        var jumped = false;
        var scenario = Scenario.Create("asking", context =>
        {
            if (!jumped && context.IntendedStart >= 4 * Second)
            {
                // The whole process stood still: two seconds pass at once.
                jumped = true;
                _run.Time.AdjustTime(_run.Time.GetUtcNow() + (2 * Second));
            }

            return Task.FromResult(Response.Ok());
        });

        var result = await _run.RunAsync(scenario.WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 10 * Second)));

        var stats = result.Get("asking");
        Assert.Equal(1_000, stats.Ok.Request.Count);
        Assert.InRange(stats.Ok.Latency.Percent99, 1_880, 2_000);
        Assert.InRange(stats.StartDelay.Percent99, 1_880, 2_000);
    }

    [Fact]
    public async Task At_the_bound_what_is_due_is_not_begun_and_counts_as_failed()
    {
        _target.Stall();

        var result = await _run.RunAsync(Asking
            .WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: Second))
            .WithMaxInFlight(10)
            .WithCompletionTimeout(Second));

        var stats = result.Get("asking");
        Assert.Equal(10, _target.Asked);
        Assert.Equal((100, 0, 100), (stats.Due, stats.Ok.Request.Count, stats.Fail.Request.Count));
        Assert.Equal(
            [(ScenarioStatus.NotStarted, 90L), (ScenarioStatus.Unfinished, 10L)],
            stats.Fail.StatusCodes.Select(status => (status.StatusCode, status.Count)));
    }

    [Fact]
    public async Task Places_that_come_free_are_used_again()
    {
        _target.Stall();
        _run.OnStep = passed =>
        {
            if (passed == Second)
                _target.GoOn();
        };

        var result = await _run.RunAsync(Asking.WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 2 * Second)).WithMaxInFlight(10));

        // Whether the one that is due at that very moment comes before or after is left open.
        Assert.InRange(result.Get("asking").Fail.Request.Count, 90, 91);
        Assert.Equal(200, result.Get("asking").AllRequestCount);
    }

    [Fact]
    public async Task Warming_up_is_load_that_counts_nowhere()
    {
        var result = await _run.RunAsync(Asking
            .WithWarmUpDuration(5 * Second)
            .WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 2 * Second)));

        var stats = result.Get("asking");
        Assert.Equal(700, _target.Asked);
        Assert.Equal((200, 200), (stats.Due, stats.Ok.Request.Count));
        Assert.Equal(2 * Second, stats.Duration);
        Assert.Equal(100, stats.Ok.Request.Rps);
        Assert.Equal(2_000, stats.Ok.Data.AllBytes);
    }

    [Fact]
    public async Task Failures_are_counted_by_status_and_exceptions_by_type()
    {
        var scenario = Scenario.Create("mixed", context => (context.InvocationNumber % 4) switch
        {
            0 => Task.FromResult(Response.Ok()),
            1 => Task.FromResult(Response.Fail("503", "busy")),
            2 => throw new InvalidOperationException("lost"),
            _ => Task.FromException<Response>(new TimeoutException("late")),
        });

        var result = await _run.RunAsync(scenario.WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: Second)));

        var fail = result.Get("mixed").Fail;
        Assert.Equal(25, result.Get("mixed").Ok.Request.Count);
        Assert.Equal(75, fail.Request.Percent);
        Assert.Equal(
            [("503", 25L, "busy"), ("InvalidOperationException", 25L, "lost"), ("timeout", 25L, "late")],
            fail.StatusCodes.Select(status => (status.StatusCode, status.Count, status.Message)));
    }

    [Fact]
    public async Task Steps_are_measured_by_themselves()
    {
        var scenario = Scenario.Create("shop", async context =>
        {
            var found = await Step.Run("find", context, async () =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), context.Time);
                return Response.Ok(payload: 42, sizeBytes: 5);
            });
            return await Step.Run("buy", context, async () =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(found.Payload), context.Time);
                return context.InvocationNumber % 2 == 0 ? Response.Ok() : Response.Fail("sold-out");
            });
        });

        var result = await _run.RunAsync(scenario.WithLoadSimulations(Simulation.Inject(rate: 10, interval: Second, during: Second)));

        var steps = result.Get("shop").Steps.ToDictionary(step => step.Name);
        Assert.Equal((10, 50), (steps["find"].Ok.Request.Count, steps["find"].Ok.Data.AllBytes));
        Assert.Equal((5, 5), (steps["buy"].Ok.Request.Count, steps["buy"].Fail.Request.Count));
        Assert.InRange(steps["find"].Ok.Latency.Percent50, 20, 22);
        Assert.InRange(steps["buy"].Ok.Latency.Percent50, 42, 44);
        Assert.InRange(result.Get("shop").Ok.Latency.Percent50, 62, 66);
    }

    [Fact]
    public async Task A_threshold_decides_and_says_what_it_saw()
    {
        var scenario = Asking.WithLoadSimulations(Simulation.Inject(rate: 10, interval: Second, during: Second));

        var passed = await _run.RunAsync(scenario.WithThresholds(
            Threshold.Create(stats => stats.Ok.Latency.Percent99 < 500), Threshold.Parse("errors<1%", [], []), Threshold.Parse("rps>=10", [], [])));
        var failed = await _run.RunAsync(scenario.WithThresholds(
            Threshold.Create(stats => stats.Ok.Request.Count > 10), Threshold.Parse("rps>=11", [], []), Threshold.Create("pay", step => step.AllRequestCount > 0)));

        Assert.True(passed.Passed);
        Assert.False(failed.Passed);
        Assert.Equal(
            [
                "asking: stats => stats.Ok.Request.Count > 10 did not hold",
                "asking: rps >= 11 did not hold: 10",
                "asking: pay: step => step.AllRequestCount > 0 did not hold: step pay never ran",
            ],
            failed.Failures);
    }

    [Fact]
    public async Task A_stop_ends_the_load_and_keeps_what_was_measured()
    {
        using var stop = new CancellationTokenSource();
        var (verified, cleaned) = (false, false);
        _run.OnStep = passed =>
        {
            if (passed == 3 * Second)
                stop.Cancel();
        };
        var scenario = Asking
            .WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 60 * Second))
            .WithVerify(_ => Task.FromResult(verified = true))
            .WithClean(_ => Task.FromResult(cleaned = true));

        var result = await _run.RunAsync(LoadRunner.RegisterScenarios(scenario), stop.Token);

        Assert.Equal((RunEnd.Stopped, false), (result.Ended, result.Passed));
        Assert.InRange(result.Get("asking").Ok.Request.Count, 299, 301);
        Assert.InRange(result.Get("asking").Ok.Request.Rps, 99, 101);
        Assert.Equal((false, true), (verified, cleaned));
    }

    [Fact]
    public async Task A_scenario_can_end_a_run_that_makes_no_sense()
    {
        var scenario = Scenario.Create("gone", context =>
        {
            if (context.InvocationNumber == 50)
                context.StopTest("the licence has run out");
            return Task.FromResult(Response.Ok());
        });

        var result = await _run.RunAsync(scenario.WithLoadSimulations(Simulation.Inject(rate: 100, interval: Second, during: 60 * Second)));

        Assert.Equal((RunEnd.Aborted, false), (result.Ended, result.Passed));
        Assert.Equal(["Scenario 'gone' ended the run: the licence has run out"], result.Failures);
        Assert.InRange(result.Get("gone").AllRequestCount, 51, 52);
    }

    [Fact]
    public async Task Without_its_preparations_nothing_is_put_under_load_and_what_was_prepared_is_cleaned_up()
    {
        var cleaned = new List<string>();
        var prepared = Asking.WithInit(_ => Task.CompletedTask).WithClean(context => Task.Run(() => cleaned.Add(context.ScenarioName)));
        var failing = Scenario.Create("failing", _ => Task.FromResult(Response.Ok()))
            .WithInit(_ => throw new InvalidOperationException("nobody there"))
            .WithClean(context => Task.Run(() => cleaned.Add(context.ScenarioName)));

        var fault = await Assert.ThrowsAsync<ScenarioInitException>(() => _run.RunAsync(prepared, failing));

        Assert.Equal("Scenario 'failing' could not start: nobody there", fault.Message);
        Assert.Equal(["asking"], cleaned);
        Assert.Equal(0, _target.Asked);
    }

    [Fact]
    public async Task A_check_that_fails_afterwards_fails_the_run_and_metrics_are_open_to_thresholds()
    {
        var missing = Metric.CreateGauge("missing");
        var scenario = Asking
            .WithLoadSimulations(Simulation.Inject(rate: 10, interval: Second, during: Second))
            .WithInit(context =>
            {
                context.RegisterMetric(missing);
                return Task.CompletedTask;
            })
            .WithThresholds(Threshold.Parse("missing=0", [missing], []));

        var unset = await _run.RunAsync(scenario);
        var held = await _run.RunAsync(scenario.WithVerify(_ => Task.Run(() => missing.Set(0))));
        var broken = await _run.RunAsync(scenario.WithVerify(_ => throw new InvalidOperationException("the store is closed.")));

        Assert.Equal("asking: missing = 0 did not hold: nothing was measured", unset.Failures.Single());
        Assert.True(held.Passed);
        Assert.Equal("asking: Verifying failed: the store is closed.", broken.Failures.Single());
    }

    [Fact]
    public async Task A_long_run_has_a_bounded_number_of_points()
    {
        var result = await _run.RunAsync(Asking.WithLoadSimulations(Simulation.Inject(rate: 1, interval: Second, during: TimeSpan.FromMinutes(25))));

        var series = result.Get("asking").Series;
        Assert.InRange(series.Count, 490, 520);
        Assert.Equal(1_500, series.Sum(point => point.OkCount));
        Assert.Equal(series.Select(point => point.Seconds).Order(), series.Select(point => point.Seconds));
    }

    [Fact]
    public async Task The_same_seed_gives_an_invocation_the_same_random_numbers()
    {
        var drawn = new List<int>();
        var scenario = Scenario.Create("dice", context =>
        {
            drawn.Add(context.Random.Next());
            return Task.FromResult(Response.Ok());
        }).WithLoadSimulations(Simulation.Inject(rate: 10, interval: Second, during: Second));

        await _run.RunAsync(scenario);
        await _run.RunAsync(scenario);

        Assert.Equal(drawn[..10], drawn[10..]);
        Assert.Equal(10, drawn.Distinct().Count());
    }
}
