using System.Globalization;

namespace Metrics.Exposition;

/// <summary>The two texts that a Prometheus server reads.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Which text a scraper asks for.</summary>
internal static class ExpositionFormats
{
    private const string OpenMetricsType = "application/openmetrics-text";

    extension(ExpositionFormat format)
    {
        public string ContentType => format is ExpositionFormat.OpenMetrics
            ? $"{OpenMetricsType}; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
    }

    /// <summary>OpenMetrics for those who name it and do not rate the plain text higher; else the plain text, which everything reads.</summary>
    /// <param name="accept">The request's Accept header; may be empty.</param>
    public static ExpositionFormat Negotiate(string? accept)
    {
        double open = 0, text = 0;
        foreach (var range in (accept ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            var weight = 1.0;
            foreach (var parameter in parts.Skip(1))
            {
                if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                    && double.TryParse(parameter.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q))
                    weight = q;
            }

            if (parts[0].Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase))
                open = Math.Max(open, weight);
            else if (parts[0].Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                text = Math.Max(text, weight);
        }

        return open > 0 && open >= text ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }
}
