using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Metrics.Collecting;
using Metrics.Exposition;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TestKit;

namespace Metrics.Tests;

/// <summary>A part's instruments and what a scrape of them brings.</summary>
internal sealed class Part : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly MetricCollector _collector;

    public Part(int seriesMax = 100, ILogger<MetricCollector>? logger = null)
    {
        _collector = new MetricCollector(_meters, seriesMax, logger ?? NullLogger<MetricCollector>.Instance);
        Meter = _meters.Create("Test");
    }

    public Meter Meter { get; }

    public IMeterFactory Meters => _meters;

    public string Scrape(ExpositionFormat format = ExpositionFormat.Text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        _collector.Write(buffer, format);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The lines about one metric, in their order.</summary>
    public string[] Lines(string name, ExpositionFormat format = ExpositionFormat.Text) => Lines(Scrape(format), name);

    public static string[] Lines(string text, string name) =>
        [.. text.Split('\n').Where(line => line.Split(' ', '{').Contains(name) || line.StartsWith($"{name}_", StringComparison.Ordinal))];

    public void Dispose()
    {
        _collector.Dispose();
        _meters.Dispose();
    }
}
