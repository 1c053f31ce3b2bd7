using System.Buffers;
using System.Globalization;
using System.Text;
using Metrics.Collecting;

namespace Metrics.Exposition;

/// <summary>Writes families as Prometheus' text format 0.0.4 or as OpenMetrics 1.0.0.</summary>
/// <remarks>Sources: prometheus.io/docs/instrumenting/exposition_formats; the OpenMetrics specification, "Text Format".</remarks>
internal readonly ref struct ExpositionWriter(IBufferWriter<byte> target, ExpositionFormat format)
{
    private const string DroppedName = "streams_metrics_dropped_measurements_total";
    private const int NumberBytesMax = 32;

    private bool IsOpen => format is ExpositionFormat.OpenMetrics;

    /// <summary>Writes a family; one without series is not written at all.</summary>
    public void Write(MetricFamily family)
    {
        var all = family.Series;
        if (all.Length == 0)
            return;

        Head(family.Name, family.Kind, family.Help);
        foreach (var series in all)
        {
            if (family.Kind is FamilyKind.Histogram)
                Histogram(family.Name.Name, series);
            else
                Sample(family.Name.Name, "", series.Labels, "", series.Value);
        }
    }

    /// <summary>Writes how many measurements were not taken.</summary>
    public void WriteDropped(long measurements)
    {
        var name = new FamilyName(DroppedName, "");
        Head(name, FamilyKind.Counter, "Measurements not taken because their metric had its limit of label sets.");
        Sample(name.Name, "", "", "", measurements);
    }

    /// <summary>Ends the text.</summary>
    public void End()
    {
        if (IsOpen)
            Put("# EOF\n");
    }

    private void Head(FamilyName name, FamilyKind kind, string help)
    {
        var family = IsOpen ? name.Base : name.Name;
        Put("# HELP ");
        Put(family);
        Put(" ");
        Put(Escaped(help));
        Put("\n# TYPE ");
        Put(family);
        Put(kind switch
        {
            FamilyKind.Counter => " counter\n",
            FamilyKind.Histogram => " histogram\n",
            _ => " gauge\n",
        });
        if (!IsOpen || name.Unit.Length == 0 || !family.EndsWith($"_{name.Unit}", StringComparison.Ordinal))
            return;

        Put("# UNIT ");
        Put(family);
        Put(" ");
        Put(name.Unit);
        Put("\n");
    }

    private void Histogram(string name, Series series)
    {
        long count = 0;
        for (var i = 0; i < series.Bounds.Length; i++)
        {
            count += series.Count(i);
            Sample(name, "_bucket", series.Labels, BoundLabel(series.Bounds[i]), count);
        }

        count += series.Count(series.Bounds.Length);
        Sample(name, "_bucket", series.Labels, "le=\"+Inf\"", count);
        Sample(name, "_sum", series.Labels, "", series.Value);
        Sample(name, "_count", series.Labels, "", count);
    }

    // OpenMetrics wants floats there: 1.0, not 1.
    private string BoundLabel(double bound)
    {
        var text = bound.ToString(CultureInfo.InvariantCulture);
        return IsOpen && double.IsInteger(bound) && !text.Contains('E', StringComparison.Ordinal) ? $"le=\"{text}.0\"" : $"le=\"{text}\"";
    }

    private void Sample(string name, string suffix, string labels, string bound, double value)
    {
        Put(name);
        Put(suffix);
        if (labels.Length + bound.Length > 0)
        {
            Put("{");
            Put(labels);
            if (labels.Length > 0 && bound.Length > 0)
                Put(",");
            Put(bound);
            Put("}");
        }

        Put(" ");
        Number(value);
        Put("\n");
    }

    private void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            Put(double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
            return;
        }

        var space = target.GetSpan(NumberBytesMax);
        value.TryFormat(space, out var written, default, CultureInfo.InvariantCulture);
        target.Advance(written);
    }

    private string Escaped(string help)
    {
        var text = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return IsOpen ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private void Put(string text)
    {
        var space = target.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        target.Advance(Encoding.UTF8.GetBytes(text, space));
    }
}
