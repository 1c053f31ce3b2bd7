using System.Diagnostics.Metrics;
using Metrics.Exposition;

namespace Metrics.Tests.Exposition;

/// <summary>What each kind of instrument looks like on the wire.</summary>
public sealed class ExpositionTests : IDisposable
{
    private readonly Part _part = new();

    public void Dispose() => _part.Dispose();

    [Fact]
    public void A_counter_has_help_type_and_a_total_for_each_set_of_labels()
    {
        var counter = _part.Meter.CreateCounter<long>("oven.loaves", "{loaf}", "Loaves baked.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "rye"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "rye"));
        counter.Add(1, new KeyValuePair<string, object?>("kind", "bun"));

        Assert.Equal(
            [
                "# HELP oven_loaves_total Loaves baked.",
                "# TYPE oven_loaves_total counter",
                "oven_loaves_total{kind=\"bun\"} 1",
                "oven_loaves_total{kind=\"rye\"} 5",
            ],
            _part.Lines("oven_loaves_total"));
    }

    [Fact]
    public void A_counter_never_goes_down()
    {
        var counter = _part.Meter.CreateCounter<double>("oven.heat", "J");
        counter.Add(1.5);
        counter.Add(-1);

        Assert.Equal("oven_heat_J_total 1.5", _part.Lines("oven_heat_J_total")[^1]);
    }

    [Fact]
    public void An_up_down_counter_is_a_gauge()
    {
        var open = _part.Meter.CreateUpDownCounter<int>("oven.doors.open");
        open.Add(3);
        open.Add(-1);

        Assert.Equal(["# HELP oven_doors_open oven.doors.open of Test.", "# TYPE oven_doors_open gauge", "oven_doors_open 2"], _part.Lines("oven_doors_open"));
    }

    [Fact]
    public void A_gauge_is_what_was_said_last()
    {
        var heat = _part.Meter.CreateGauge<double>("oven.temperature", "Cel");
        heat.Record(180);
        heat.Record(219.5);

        Assert.Equal("oven_temperature_Cel 219.5", _part.Lines("oven_temperature_Cel")[^1]);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(1e300, "1E+300")]
    [InlineData(1234567890123456789d, "1.2345678901234568E+18")]
    public void Numbers_are_written_so_that_any_locale_and_Prometheus_read_them(double value, string written)
    {
        _part.Meter.CreateGauge<double>("number").Record(value);

        Assert.Equal($"number {written}", _part.Lines("number")[^1]);
    }

    [Fact]
    public void A_histogram_in_seconds_counts_from_a_millisecond_to_ten_seconds_at_or_below_each_bound()
    {
        var bake = _part.Meter.CreateHistogram<double>("oven.bake", "s", "Time to bake.");
        bake.Record(0.001);
        bake.Record(0.3);
        bake.Record(60);

        Assert.Equal(
            [
                "# HELP oven_bake_seconds Time to bake.",
                "# TYPE oven_bake_seconds histogram",
                "oven_bake_seconds_bucket{le=\"0.001\"} 1",
                "oven_bake_seconds_bucket{le=\"0.0025\"} 1",
                "oven_bake_seconds_bucket{le=\"0.005\"} 1",
                "oven_bake_seconds_bucket{le=\"0.01\"} 1",
                "oven_bake_seconds_bucket{le=\"0.025\"} 1",
                "oven_bake_seconds_bucket{le=\"0.05\"} 1",
                "oven_bake_seconds_bucket{le=\"0.1\"} 1",
                "oven_bake_seconds_bucket{le=\"0.25\"} 1",
                "oven_bake_seconds_bucket{le=\"0.5\"} 2",
                "oven_bake_seconds_bucket{le=\"1\"} 2",
                "oven_bake_seconds_bucket{le=\"2.5\"} 2",
                "oven_bake_seconds_bucket{le=\"5\"} 2",
                "oven_bake_seconds_bucket{le=\"10\"} 2",
                "oven_bake_seconds_bucket{le=\"+Inf\"} 3",
                "oven_bake_seconds_sum 60.301",
                "oven_bake_seconds_count 3",
            ],
            _part.Lines("oven_bake_seconds"));
    }

    [Fact]
    public void A_histogram_takes_the_bounds_that_its_instrument_advises_and_keeps_its_labels()
    {
        var sizes = _part.Meter.CreateHistogram<int>(
            "oven.tray", "{loaf}", "Loaves.", tags: null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 8] });
        sizes.Record(8, new KeyValuePair<string, object?>("oven", "left"));

        Assert.Equal(
            [
                "oven_tray_bucket{oven=\"left\",le=\"1\"} 0",
                "oven_tray_bucket{oven=\"left\",le=\"8\"} 1",
                "oven_tray_bucket{oven=\"left\",le=\"+Inf\"} 1",
                "oven_tray_sum{oven=\"left\"} 8",
                "oven_tray_count{oven=\"left\"} 1",
            ],
            _part.Lines("oven_tray")[2..]);
    }

    [Theory]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData(@"C:\bin", @"C:\\bin")]
    [InlineData("two\nlines", @"two\nlines")]
    [InlineData("ü{},= ", "ü{},= ")]
    public void A_labels_value_is_escaped(string value, string written)
    {
        _part.Meter.CreateCounter<int>("seen").Add(1, new KeyValuePair<string, object?>("what", value));

        Assert.Equal($"seen_total{{what=\"{written}\"}} 1", _part.Lines("seen_total")[^1]);
    }

    [Fact]
    public void Help_is_escaped()
    {
        _part.Meter.CreateCounter<int>("seen", null, "One \\ \"two\"\nthree").Add(1);

        Assert.Equal(@"# HELP seen_total One \\ ""two""\nthree", _part.Lines("seen_total")[0]);
        Assert.Equal(@"# HELP seen One \\ \""two\""\nthree", _part.Lines("seen", ExpositionFormat.OpenMetrics)[0]);
    }

    [Fact]
    public void Labels_are_named_by_letters_digits_and_underscores_sorted_and_left_out_without_a_value()
    {
        _part.Meter.CreateCounter<int>("seen").Add(
            1, new("z.y", true), new("http.status", 200), new("nobody", null), new("le", "x"));

        Assert.Equal("seen_total{exported_le=\"x\",http_status=\"200\",z_y=\"true\"} 1", _part.Lines("seen_total")[^1]);
    }

    [Fact]
    public void OpenMetrics_names_a_counter_without_total_gives_units_and_ends()
    {
        _part.Meter.CreateCounter<long>("oven.work", "s", "Time at work.").Add(4);
        _part.Meter.CreateHistogram<double>("oven.bake", "s").Record(1);

        var text = _part.Scrape(ExpositionFormat.OpenMetrics);

        Assert.Equal(
            ["# HELP oven_work_seconds Time at work.", "# TYPE oven_work_seconds counter", "# UNIT oven_work_seconds seconds", "oven_work_seconds_total 4"],
            Part.Lines(text, "oven_work_seconds"));
        Assert.Contains("oven_bake_seconds_bucket{le=\"1.0\"} 1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, ExpositionFormat.Text)]
    [InlineData("*/*", ExpositionFormat.Text)]
    [InlineData("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", ExpositionFormat.Text)]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;q=0.3, text/plain;q=0.5", ExpositionFormat.Text)]
    [InlineData("application/openmetrics-text;q=0", ExpositionFormat.Text)]
    internal void OpenMetrics_is_for_those_who_ask_for_it(string? accept, ExpositionFormat expected) =>
        Assert.Equal(expected, ExpositionFormats.Negotiate(accept));
}
