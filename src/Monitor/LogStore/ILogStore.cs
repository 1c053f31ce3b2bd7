using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Where logs and alerts can be searched. The truth is in Kafka; this is what makes it answer questions.</summary>
/// <remarks>
/// Writing is idempotent by document id: a document added twice, in one batch or across a crash, is kept once. What was added is
/// held back until <see cref="Flush"/>, which the topology calls before its input offsets are committed.
/// </remarks>
internal interface ILogStore : IDisposable
{
    /// <summary>Takes a log. Writes by itself when as many are held back as may be.</summary>
    void Add(in LogDocument document);

    /// <summary>Takes an alert. One with the id of an earlier one resolves it or changes nothing.</summary>
    void Add(in AlertDocument document);

    /// <summary>Makes everything added so far durable, whichever thread added it.</summary>
    void Flush();

    /// <summary>Logs that match, in (time, arrival) order.</summary>
    IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, CancellationToken cancellation);

    /// <summary>Alerts that match, newest first.</summary>
    IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, CancellationToken cancellation);

    /// <summary>Drops what is past its age or beyond the size bound, a bounded chunk at a time.</summary>
    /// <returns>How many logs and alerts went.</returns>
    Task<long> SweepAsync(CancellationToken cancellation);
}

/// <summary>A log and the id that makes storing it twice the same as storing it once.</summary>
/// <param name="Id"><c>node:epoch:sequence</c>, or <c>topic:partition:offset</c> where the sender does not number its records.</param>
/// <param name="Record">The log.</param>
internal readonly record struct LogDocument(string Id, LogRecord Record);

/// <summary>An alert and its id: <c>fingerprint:log id</c>, or <c>fingerprint:node:start</c> for a node's.</summary>
internal readonly record struct AlertDocument(string Id, Alert Alert);

/// <summary>A log that a search found.</summary>
/// <param name="Id">Its document id.</param>
/// <param name="Record">The log.</param>
/// <param name="Key">Its place in the order, to go on from.</param>
internal readonly record struct FoundLog(string Id, LogRecord Record, LogKey Key);

/// <summary>A log's place in the total order of a search.</summary>
/// <param name="TimeNs">The event's time, nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Row">Order of arrival among equals.</param>
internal readonly record struct LogKey(long TimeNs, long Row);

/// <summary>What to search for. Empty lists and nulls ask for everything.</summary>
internal sealed record LogQuery
{
    /// <summary>Text that the message contains, ASCII letter case ignored: what <c>grep -i -F</c> finds.</summary>
    public string Text { get; init; } = "";

    /// <summary>First time, nanoseconds since 1970-01-01 UTC.</summary>
    public long? FromNs { get; init; }

    /// <summary>Time before which, nanoseconds since 1970-01-01 UTC.</summary>
    public long? ToNs { get; init; }

    public Severity MinSeverity { get; init; }

    public IReadOnlyList<string> Nodes { get; init; } = [];

    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Exact matches, all of which must hold.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>At most this many.</summary>
    public int Limit { get; init; } = 100;

    public bool OldestFirst { get; init; }

    /// <summary>Go on after this one.</summary>
    public LogKey? After { get; init; }
}

/// <summary>Which alerts to list.</summary>
internal sealed record AlertQuery
{
    public bool IncludeResolved { get; init; }

    /// <summary>Only this kind; unspecified for all.</summary>
    public AlertKind Kind { get; init; }

    /// <summary>Only those that started at this time or later, nanoseconds since 1970-01-01 UTC.</summary>
    public long? FromNs { get; init; }

    /// <summary>At most this many; 0 for all.</summary>
    public int Limit { get; init; }
}
