using Streams.Contracts.V1;

namespace Gateway.Ingest;

/// <summary>Why a record can never be accepted.</summary>
/// <param name="Cause">One of a few words, for a metric.</param>
/// <param name="Reason">A sentence for the sender.</param>
internal readonly record struct Refusal(string Cause, string Reason);

/// <summary>What a node's records must be like. Decides; writes and counts nothing.</summary>
internal sealed class RecordRules(string nodeId, ulong epoch, int recordBytesMax)
{
    // OpenTelemetry's SeverityNumber ends here.
    internal const int SeverityMax = 24;

    /// <summary>Every cause there is.</summary>
    public static IReadOnlyList<string> Causes { get; } = ["foreign_node", "long_name", "position", "severity", "too_large"];

    /// <summary>Fills in what the sender may leave out because its hello said so: the node, and the place in the node's order.</summary>
    public void Complete(LogRecord record, ulong sequence)
    {
        if (record.NodeId.Length == 0)
            record.NodeId = nodeId;
        record.Position ??= new Position { Epoch = epoch, Sequence = sequence };
    }

    /// <summary>Judges a completed record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="sequence">Its place by where it stands in its batch.</param>
    /// <param name="bytes">Its size as it would be written.</param>
    /// <returns>Why it is refused; null where it is not.</returns>
    public Refusal? Judge(LogRecord record, ulong sequence, int bytes)
    {
        if (record.NodeId != nodeId)
            return new("foreign_node", $"The record is of node '{record.NodeId}'; this stream's hello was '{nodeId}', and a node may only speak for itself.");
        if (record.Position.Epoch != epoch || record.Position.Sequence != sequence)
        {
            return new("position", $"The record's position is {record.Position.Epoch}:{record.Position.Sequence}; by its place in the batch it is {epoch}:{sequence}.");
        }

        if ((int)record.Severity is < 0 or > SeverityMax)
            return new("severity", $"The record's severity is {(int)record.Severity}; it must be 0 to {SeverityMax}.");
        if (bytes > recordBytesMax)
            return new("too_large", $"The record has {bytes} bytes; the limit is {recordBytesMax}.");
        return null;
    }
}
