using System.Collections.Concurrent;
using System.Globalization;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>What an index holds. One nature, one index a day.</summary>
internal enum IndexNature
{
    /// <summary>Logs below WARN.</summary>
    LogsInfo,

    /// <summary>Logs from WARN on.</summary>
    LogsAlert,

    /// <summary>Alerts.</summary>
    Alerts,

    /// <summary>Signs of life.</summary>
    Heartbeats,

    /// <summary>Changes of nodes' states.</summary>
    NodeEvents,
}

/// <summary>Names of indexes, from a pattern with a nature and a day.</summary>
/// <remarks>
/// The day is that of the record's receipt by the gateway, not of the event: it is part of the record, so a record that is written again goes
/// where it went before; and it is the gateways' clock, so that one node with a wrong one does not make an index for each day since 1970.
/// </remarks>
internal sealed class IndexNames(string pattern)
{
    public const string NatureMark = "{nature}";
    public const string DayMark = "{day}";

    private static readonly string[] Names = ["logs-info", "logs-alert", "alerts", "heartbeats", "node-events"];

    // A few days at a time, by the gateways' clock; emptied where a clock that is far off has filled it.
    private const int NamesMax = 1_000;
    private readonly ConcurrentDictionary<(IndexNature, long Day), string> _names = new();

    /// <summary>Where logs are searched, as requests name it.</summary>
    public string Logs { get; } = $"{All(pattern, IndexNature.LogsInfo)},{All(pattern, IndexNature.LogsAlert)}";

    /// <summary>Where alerts are searched.</summary>
    public string Alerts { get; } = All(pattern, IndexNature.Alerts);

    /// <summary>One pattern a nature, each of which matches all its days.</summary>
    public IReadOnlyList<string> Patterns { get; } = [.. Enum.GetValues<IndexNature>().Select(nature => All(pattern, nature))];

    /// <summary>The index of a nature for a day.</summary>
    /// <param name="nature">What it holds.</param>
    /// <param name="received">When the gateway received the record, seconds since 1970-01-01 UTC.</param>
    public string Of(IndexNature nature, long received)
    {
        var key = (nature, Math.DivRem(received, 86_400).Quotient);
        if (_names.TryGetValue(key, out var name))
            return name;

        if (_names.Count >= NamesMax)
            _names.Clear();
        return _names.GetOrAdd(key, Name(nature, received));
    }

    /// <summary>A nature as its indexes are called.</summary>
    public static string NameOf(IndexNature nature) => Names[(int)nature];

    /// <summary>What is wrong with a pattern; null where nothing is.</summary>
    public static string? Fault(string pattern)
    {
        if (Count(pattern, NatureMark) != 1 || Count(pattern, DayMark) != 1)
            return $"it must hold {NatureMark} once and {DayMark} once";
        if (!pattern.EndsWith(DayMark, StringComparison.Ordinal))
            return $"it must end with {DayMark}, so that one nature's indexes can be told from another's";

        var name = pattern.Replace(NatureMark, "", StringComparison.Ordinal).Replace(DayMark, "", StringComparison.Ordinal);
        if (pattern[0] is '-' or '_' or '+' or '.')
            return "an index's name begins with a letter or a digit";
        if (name.Any(c => c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.')))
            return "an index's name has lower-case letters, digits, '-', '_' and '.' only";
        return name.Length > 150 ? "it is longer than an index's name may be" : null;
    }

    private static int Count(string pattern, string mark) => pattern.Split(mark).Length - 1;

    private static string All(string pattern, IndexNature nature) => Fill(pattern, nature, "*");

    private string Name(IndexNature nature, long received)
    {
        // Before year 1 and after 9999 there are no dates; nothing of ours was received then.
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(received, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        return Fill(pattern, nature, time.ToString("yyyy.MM.dd", CultureInfo.InvariantCulture));
    }

    private static string Fill(string pattern, IndexNature nature, string day) =>
        pattern.Replace(NatureMark, NameOf(nature), StringComparison.Ordinal).Replace(DayMark, day, StringComparison.Ordinal);
}
