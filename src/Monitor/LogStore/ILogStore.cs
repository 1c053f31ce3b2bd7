using Google.Protobuf;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Where logs and alerts can be searched. The truth is in Kafka; this is what makes it answer questions.</summary>
/// <remarks>
/// Writing is idempotent by document id: a document added twice, in one batch or across a crash, is kept once. What was added is
/// safe only after <see cref="Flush"/>, which the topology calls before its input offsets are committed; a store may write it earlier.
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
    /// <exception cref="StoreUnavailableException">The store cannot be asked now.</exception>
    IAsyncEnumerable<FoundLog> SearchAsync(LogQuery query, CancellationToken cancellation);

    /// <summary>Alerts that match, newest first.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be asked now.</exception>
    IAsyncEnumerable<Alert> ListAlertsAsync(AlertQuery query, CancellationToken cancellation);

    /// <summary>Drops what is past its age or beyond the size bound, a bounded chunk at a time.</summary>
    /// <returns>How many logs and alerts went.</returns>
    Task<long> SweepAsync(CancellationToken cancellation);
}

/// <summary>A log and the id that makes storing it twice the same as storing it once.</summary>
/// <param name="Id"><c>node:epoch:sequence</c>, or <c>topic:partition:offset</c> where the sender does not number its records.</param>
/// <param name="Record">The log.</param>
/// <param name="Source">Where it was read from; what a dead letter says of it.</param>
internal readonly record struct LogDocument(string Id, LogRecord Record, RecordMetadata? Source = null);

/// <summary>A store that is far away: it may not answer for hours, and keeps what dashboards show of nodes over time.</summary>
/// <remarks>
/// It is fed from the topics by a topology of its own, which may stand still for as long as the store does; judging nodes and raising alerts
/// does not wait for it.
/// </remarks>
internal interface IRemoteLogStore : ILogStore
{
    /// <summary>Why nothing can be stored now; null where it can.</summary>
    string? Waiting { get; }

    /// <summary>Ends what waits for acceptance: flushes throw <see cref="OperationCanceledException"/> from now on.</summary>
    void GiveUp();

    /// <summary>Takes a sign of life, once by its id.</summary>
    void Add(string id, Heartbeat beat, RecordMetadata source, long recordMs);

    /// <summary>Takes a change of a node's state, once by its id.</summary>
    void Add(string id, NodeEvent change, RecordMetadata source, long recordMs);
}

/// <summary>Where records go that a store will never take as they are.</summary>
internal interface IDeadLetters
{
    /// <summary>Returns once they are kept.</summary>
    Task SendAsync(IReadOnlyList<RefusedRecord> records, CancellationToken cancellation);
}

/// <summary>A record that a store will never take as it is.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Key">The record's key.</param>
/// <param name="Message">The record's value.</param>
/// <param name="Source">Where it was read from; null where the monitor made it.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record RefusedRecord(string Id, string Key, IMessage Message, RecordMetadata? Source, string Reason);

/// <summary>The store cannot be asked now. Asking later may help.</summary>
internal sealed class StoreUnavailableException(string message, Exception inner) : Exception(message, inner);

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
