using System.Text;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Compares logs with a query: what decides where an index only narrows.</summary>
internal sealed class LogMatch
{
    private readonly LogQuery _query;
    private readonly string _text;
    private readonly HashSet<string> _nodes;
    private readonly HashSet<string> _services;

    /// <summary>Makes it.</summary>
    public LogMatch(LogQuery query)
    {
        _query = query;
        // Ready for an ordinal comparison with messages folded the same way.
        _text = Fold(query.Text);
        _nodes = query.Nodes.ToHashSet(StringComparer.Ordinal);
        _services = query.Services.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether a log is asked for, its place in time apart.</summary>
    public bool Holds(LogRecord log) =>
        log.Severity >= _query.MinSeverity
        && (_nodes.Count == 0 || _nodes.Contains(log.NodeId))
        && (_services.Count == 0 || _services.Contains(log.Service))
        && (_text.Length == 0 || Fold(log.Message).Contains(_text, StringComparison.Ordinal))
        && HasAttributes(log);

    private bool HasAttributes(LogRecord log)
    {
        foreach (var (name, value) in _query.Attributes)
        {
            if (!log.Attributes.TryGetValue(name, out var actual) || actual != value)
                return false;
        }

        return true;
    }

    // The case of ASCII letters alone is ignored, as grep -i -F does in the C locale. Halves of surrogate pairs are one unknown character.
    private static string Fold(string text)
    {
        var whole = text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
        return whole.AsSpan().ContainsAnyInRange('A', 'Z')
            ? string.Create(whole.Length, whole, static (folded, from) =>
            {
                for (var i = 0; i < folded.Length; i++)
                    folded[i] = from[i] is >= 'A' and <= 'Z' ? (char)(from[i] | 0x20) : from[i];
            })
            : whole;
    }
}
