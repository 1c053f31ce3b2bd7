using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Streams.Runtime;
using Streams.TestKit;

namespace Streams.Tests.Conformance;

/// <summary>Runs a scenario in the oracle's language and answers in its format.</summary>
internal static partial class ScenarioRunner
{
    public static List<string> Run(IEnumerable<string> lines)
    {
        var output = new List<string>();
        var words = lines.Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')).ToList();
        output.Add($"# {words[0]}");
        var first = words[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = first.Skip(2).Select(o => o.Split('=', 2)).ToDictionary(o => o[0], o => o[1]);
        var scene = new Scene(options);
        if (options.TryGetValue("dlq", out var dlq))
        {
            scene.Config.DeadLetterTopic = dlq;
            scene.Output<string>(dlq);
        }

        KnownTopologies.All[first[1]](scene);
        var topology = scene.Made ?? scene.Builder.Build(options.GetValueOrDefault("optimize") == "all" ? TopologyOptimization.All : TopologyOptimization.None);
        using var driver = new TopologyTestDriver(topology, scene.Config, DateTimeOffset.FromUnixTimeMilliseconds(scene.Number("wallclock", 0)));
        var internals = options.GetValueOrDefault("internal") == "on";
        var produced = new List<string>();
        driver.OnProduced = (topic, record) => produced.AddRange(Show(scene, topic, record, internals));

        var stopped = false;
        foreach (var line in words.Skip(1))
        {
            output.Add($"# {line}");
            var word = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (stopped && word[0] is "in" or "advance" or "commit" && stopped)
            {
                output.Add("stopped");
                continue;
            }

            string? failure = null;
            try
            {
                output.AddRange(Do(scene, topology, driver, word));
            }
            catch (StreamsException)
            {
                (failure, stopped) = ("error StreamsException", true);
            }

            output.AddRange(scene.Log);
            output.AddRange(produced);
            scene.Log.Clear();
            produced.Clear();
            if (failure is not null)
                output.Add(failure);
        }

        return output;
    }

    private static IEnumerable<string> Do(Scene scene, Topology topology, TopologyTestDriver driver, string[] word)
    {
        switch (word[0])
        {
            case "in":
                Pipe(scene, driver, word);
                return [];
            case "advance":
                driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(long.Parse(word[1], CultureInfo.InvariantCulture)));
                return [];
            case "commit":
                driver.AdvanceWallClockTime(TimeSpan.Zero);
                return [];
            case "describe":
                return topology.Describe().Split('\n').Select(l => $"| {l}");
            case "topics":
                return Topics(topology);
            case "metric":
                return [$"metric {word[1]} {driver.DroppedRecords}"];
            case "store":
                return [.. scene.Stores[word[1]](driver, word)];
            default:
                throw new NotSupportedException(word[0]);
        }
    }

    private static void Pipe(Scene scene, TopologyTestDriver driver, string[] word)
    {
        var key = Encode(word[2], number: false);
        var value = Encode(word[3], scene.NumberInputs.Contains(word[1]));
        var headers = Headers.Empty;
        foreach (var header in word.Skip(5).Select(h => h.Split('=', 2)))
            headers = headers.With(header[0], Encoding.UTF8.GetBytes(header[1]));
        driver.Pipe(
            word[1], key, key is not null, value, value is not null, long.Parse(word[4], CultureInfo.InvariantCulture), headers.Count == 0 ? null : headers);
    }

    private static byte[]? Encode(string word, bool number)
    {
        if (word == "-")
            return null;
        if (word == "\"\"")
            return [];
        if (word.StartsWith("hex:", StringComparison.Ordinal))
            return Convert.FromHexString(word[4..]);
        if (number && long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed))
        {
            var buffer = new RecordBuffer();
            Serdes.Int64.Serialize(parsed, buffer);
            return buffer.From(0).ToArray();
        }

        return Encoding.UTF8.GetBytes(word);
    }

    private static IEnumerable<string> Show(Scene scene, string topic, CapturedRecord record, bool internals)
    {
        var known = scene.Outputs.TryGetValue(topic, out var show);
        if (!known && !internals)
            yield break;

        var text = new StringBuilder(known ? "out " : "internal ").Append(topic).Append(' ');
        text.Append(known ? show!(new(record.Key, record.Value)) : $"{Hex(record.Key)} {Hex(record.Value)}").Append(' ').Append(record.HasTimestamp ? $"{record.Timestamp}" : "-");
        foreach (var header in record.Headers ?? Headers.Empty)
        {
            var shown = header.Key.EndsWith(".stacktrace", StringComparison.Ordinal) ? "..."
                : known ? Blanks().Replace(Encoding.UTF8.GetString(header.Value!), "_")
                : Hex(header.Value);
            text.Append(CultureInfo.InvariantCulture, $" {header.Key}={shown}");
        }

        yield return text.ToString();
    }

    private static string Hex(ReadOnlyMemory<byte>? bytes) =>
        bytes is not { } present ? "-" : present.Length == 0 ? "\"\"" : Convert.ToHexStringLower(present.Span);

    private static SortedDictionary<string, string>.ValueCollection Topics(Topology topology)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var topic in topology.InternalTopicNames)
            lines[$"oracle-{topic}"] = $"topic repartition oracle-{topic} partitions=- {Settings(TopicManager.RepartitionSettings)}";
        foreach (var store in topology.StateStores.Values.Where(s => s.Logged))
            lines[$"oracle-{store.Name}-changelog"] = $"topic changelog oracle-{store.Name}-changelog partitions=- {Settings(store.ChangelogSettings)}";
        return lines.Values;
    }

    private static string Settings(IReadOnlyDictionary<string, string> settings) =>
        string.Join(' ', settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
