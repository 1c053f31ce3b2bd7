using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace LoadTesting.Reports.Html;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Class">Its class in the style sheet.</param>
/// <param name="Points">Its points; where one has no value, the line is broken.</param>
internal sealed record ChartLine(string Name, string Class, IReadOnlyList<(double Seconds, double? Value)> Points);

/// <summary>Lines over time, as SVG. All lines have the same times.</summary>
internal static class LineChart
{
    private const int Width = 1000;
    private const int Height = 250;
    private const int Left = 62;
    private const int Right = 12;
    private const int Top = 26;
    private const int Bottom = 26;

    public static XElement Draw(string title, Func<IReadOnlyCollection<double>, ChartScale> scale, IReadOnlyList<ChartLine> lines)
    {
        var times = lines[0].Points.Select(point => point.Seconds).ToArray();
        var x = ChartScale.Time(times[^1]);
        var y = scale([.. lines.SelectMany(line => line.Points).Where(point => point.Value is not null).Select(point => point.Value!.Value)]);
        return new XElement(
            "svg",
            new XAttribute("viewBox", $"0 0 {Width} {Height}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", title),
            y.Ticks.Select(tick => Line(Left, Y(y, tick), Width - Right, Y(y, tick))),
            y.Ticks.Select(tick => Text(Left - 8, Y(y, tick) + 4, "end", ChartScale.Text(tick))),
            x.Ticks.Select(tick => Text(X(x, tick), Height - 8, tick.Equals(0) ? "start" : "middle", Clock(tick))),
            Legend(lines),
            lines.SelectMany(line => Paths(line, x, y)),
            times.Select((time, i) => Probe(i == 0 ? 0 : times[i - 1], time, x, [.. lines.Select(line => (line.Name, line.Points[i].Value))])));
    }

    private static IEnumerable<XElement> Legend(IReadOnlyList<ChartLine> lines)
    {
        var at = Left;
        foreach (var line in lines)
        {
            yield return new XElement("circle", Attribute("cx", at + 5), Attribute("cy", 10), Attribute("r", 5), new XAttribute("class", $"dot {line.Class}"));
            yield return Text(at + 15, 14, "start", line.Name);
            at += 40 + (8 * line.Name.Length);
        }
    }

    private static IEnumerable<XElement> Paths(ChartLine line, ChartScale x, ChartScale y)
    {
        var path = new StringBuilder();
        var isDrawing = false;
        for (var i = 0; i < line.Points.Count; i++)
        {
            var (seconds, value) = line.Points[i];
            if (value is { } known)
            {
                // A point between two gaps would be a line of no length.
                if (!isDrawing && (i + 1 == line.Points.Count || line.Points[i + 1].Value is null))
                    yield return new XElement("circle", Attribute("cx", X(x, seconds)), Attribute("cy", Y(y, known)), Attribute("r", 2), new XAttribute("class", $"dot {line.Class}"));
                path.Append(isDrawing ? 'L' : 'M').Append(Number(X(x, seconds))).Append(' ').Append(Number(Y(y, known)));
            }

            isDrawing = value is not null;
        }

        yield return new XElement("path", new XAttribute("d", $"{path}"), new XAttribute("class", $"{line.Class} line"));
    }

    // What a pointer over an interval is told.
    private static XElement Probe(double from, double to, ChartScale x, IReadOnlyList<(string Name, double? Value)> values) => new(
        "rect",
        new XAttribute("class", "probe"),
        Attribute("x", X(x, from)),
        Attribute("y", Top),
        Attribute("width", X(x, to) - X(x, from)),
        Attribute("height", Height - Top - Bottom),
        new XElement("title", $"{Clock(from)} to {Clock(to)}\n" + string.Join('\n', values.Select(value => $"{value.Name}: {(value.Value is { } known ? ChartScale.Text(known) : "none")}"))));

    private static XElement Line(double x1, double y1, double x2, double y2) => new(
        "line", new XAttribute("class", "grid"), Attribute("x1", x1), Attribute("y1", y1), Attribute("x2", x2), Attribute("y2", y2));

    private static XElement Text(double x, double y, string anchor, string text) =>
        new("text", Attribute("x", x), Attribute("y", y), new XAttribute("text-anchor", anchor), text);

    private static double X(ChartScale scale, double seconds) => Left + (scale.Place(seconds) * (Width - Left - Right));

    private static double Y(ChartScale scale, double value) => Height - Bottom - (scale.Place(value) * (Height - Top - Bottom));

    private static XAttribute Attribute(string name, double value) => new(name, Number(value));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Clock(double seconds) => seconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : TimeSpan.FromSeconds(seconds).ToString(seconds < 3_600 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
