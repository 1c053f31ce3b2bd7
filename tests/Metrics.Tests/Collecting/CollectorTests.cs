using System.Diagnostics.Metrics;
using System.Globalization;
using Metrics.Collecting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Metrics.Tests.Collecting;

public sealed class CollectorTests
{
    [Fact]
    public void Each_of_several_parts_in_a_process_exports_its_own_and_all_export_the_runtimes()
    {
        using var kitchen = new Part();
        using var bar = new Part();
        kitchen.Meter.CreateCounter<int>("loaves").Add(1);
        bar.Meter.CreateCounter<int>("drinks").Add(1);

        var (ofKitchen, ofBar) = (kitchen.Scrape(), bar.Scrape());

        Assert.Contains("loaves_total 1", ofKitchen, StringComparison.Ordinal);
        Assert.DoesNotContain("drinks", ofKitchen, StringComparison.Ordinal);
        Assert.DoesNotContain("loaves", ofBar, StringComparison.Ordinal);
        Assert.All([ofKitchen, ofBar], text => Assert.Contains("dotnet_process_memory_working_set_bytes ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_QUIC_librarys_thirty_families_are_left_out()
    {
        using var part = new Part();
        using var quic = new Meter("Private.InternalDiagnostics.System.Net.Quic.MsQuic");
        quic.CreateCounter<int>("msquic.conn.created").Add(1);

        Assert.DoesNotContain("msquic", part.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_tags_and_the_type_of_their_values_make_no_difference()
    {
        using var part = new Part();
        var counter = part.Meter.CreateCounter<int>("seen");
        counter.Add(1, new("a", 1), new("b", "x"));
        counter.Add(1, new("b", "x"), new("a", 1));
        counter.Add(1, new("a", "1"), new("b", "x"));

        Assert.Equal("seen_total{a=\"1\",b=\"x\"} 3", Assert.Single(part.Lines("seen_total")[2..]));
    }

    [Fact]
    public void A_metric_has_at_most_its_limit_of_series_and_what_comes_on_top_is_counted()
    {
        const int max = 30;
        using var part = new Part(max);
        var counter = part.Meter.CreateCounter<int>("seen");
        for (var who = 0; who < max + 3; who++)
            counter.Add(1, new KeyValuePair<string, object?>("who", who));
        counter.Add(1, new KeyValuePair<string, object?>("who", max));
        counter.Add(1, new KeyValuePair<string, object?>("who", 0));

        var text = part.Scrape();

        Assert.Equal(max, Part.Lines(text, "seen_total")[2..].Length);
        Assert.Contains("seen_total{who=\"0\"} 2", text, StringComparison.Ordinal);
        Assert.Equal("streams_metrics_dropped_measurements_total 4", Part.Lines(text, "streams_metrics_dropped_measurements_total")[^1]);
    }

    [Fact]
    public void What_is_not_observed_any_more_is_not_exported_and_makes_room_for_others()
    {
        using var part = new Part(seriesMax: 2);
        string[] nodes = ["ann", "bob"];
        part.Meter.CreateObservableGauge("seen", () => nodes.Select(node => new Measurement<int>(1, new KeyValuePair<string, object?>("node", node))));
        Assert.Equal(2, part.Lines("seen")[2..].Length);

        nodes = ["cid"];
        part.Scrape();

        Assert.Equal(["seen{node=\"cid\"} 1"], part.Lines("seen")[2..]);
    }

    [Fact]
    public void Observed_counters_of_one_name_add_up_and_do_not_grow_by_being_looked_at()
    {
        using var part = new Part();
        using var other = new Meter(new MeterOptions("Other") { Scope = part.Meters });
        part.Meter.CreateObservableCounter("done", () => 4L);
        other.CreateObservableCounter("done", () => 5L);
        part.Scrape();

        Assert.Equal("done_total 9", part.Lines("done_total")[^1]);
    }

    [Fact]
    public void An_instrument_whose_name_is_taken_by_another_kind_is_left_out_and_named()
    {
        var log = new Lines();
        using var part = new Part(logger: log);
        part.Meter.CreateCounter<int>("seen").Add(1);
        part.Meter.CreateGauge<int>("seen").Record(7);

        Assert.Equal("seen_total 1", part.Lines("seen_total")[^1]);
        Assert.Contains("Instrument seen of meter Test is not exported: seen_total is a Counter already.", log.Said);
    }

    [Fact]
    public void An_observation_that_fails_costs_that_metric_alone_and_is_said_once()
    {
        var log = new Lines();
        using var part = new Part(logger: log);
        part.Meter.CreateObservableGauge("broken", int () => throw new InvalidOperationException("the probe fell off"));
        part.Meter.CreateObservableGauge("whole", () => 1);
        part.Scrape();

        Assert.Equal("whole 1", part.Lines("whole")[^1]);
        Assert.Equal("Not every metric is exported: the probe fell off", Assert.Single(log.Said));
    }

    [Fact]
    public async Task Scrapes_and_measurements_at_once_lose_nothing_and_each_scrape_fits_together()
    {
        const int threads = 4;
        const int each = 20_000;
        using var part = new Part();
        var counter = part.Meter.CreateCounter<long>("work.done");
        var times = part.Meter.CreateHistogram<double>("work.time", "s");
        using var done = new CancellationTokenSource();

        var scraping = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            do
            {
                var lines = part.Lines("work_time_seconds");
                double[] buckets = [.. lines.Where(line => line.Contains("_bucket", StringComparison.Ordinal)).Select(Value)];
                Assert.Equal(buckets.Order(), buckets);
                Assert.Equal(buckets.LastOrDefault(), lines.Where(line => line.Contains("_count", StringComparison.Ordinal)).Select(Value).LastOrDefault());
            }
            while (!done.IsCancellationRequested);
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("thread", i % 7));
                times.Record(0.25);
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(scraping);

        Assert.Equal(threads * each, part.Lines("work_done_total")[2..].Sum(Value));
        Assert.Equal($"work_time_seconds_sum {threads * each * 0.25:0}", part.Lines("work_time_seconds").Single(line => line.Contains("_sum", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_measurement_of_a_known_series_allocates_nothing()
    {
        using var part = new Part();
        var counter = part.Meter.CreateCounter<long>("seen");
        var tag = new KeyValuePair<string, object?>("level", "warn");
        for (var i = 0; i < 1_000; i++)
            counter.Add(1, tag);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            counter.Add(1, tag);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double Value(string line) => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);

    private sealed class Lines : ILogger<MetricCollector>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add(formatter(state, exception));
    }
}
