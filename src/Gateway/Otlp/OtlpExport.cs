using System.Text;
using Gateway.Forwarding;
using Gateway.Ingest;
using Gateway.Writing;
using Google.Protobuf.WellKnownTypes;
using Kafka;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace Gateway.Otlp;

/// <summary>One request on its way into Kafka. The sender is the node of records whose resource has no name.</summary>
internal sealed class OtlpExport(GatewayOptions options, WriterSession session, Forwarder forwarder, string sender, TimeProvider time)
{
    private const int NodeIdBytesMax = 255;

    private readonly Timestamp _now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
    private readonly List<SizedMessage> _accepted = [];
    private string _reason = "";
    private int _rejected;

    public long ReceivedAt { get; } = time.GetTimestamp();

    public Delivery Delivery { get; } = new();

    public ForwardReceipt? Receipt { get; } = forwarder.NewReceipt();

    public BatchTally Tally { get; } = new();

    public Dictionary<string, int> Causes { get; } = [];

    public int Records { get; private set; }

    /// <summary>Hands a resource's records to Kafka, and to Fluentd where there is one.</summary>
    public async Task TakeAsync(ResourceLogs logs, CancellationToken cancellation)
    {
        var node = OtlpMapping.Node(logs.Resource) is { Length: > 0 } named ? named : sender;
        var key = Encoding.UTF8.GetBytes(node);
        foreach (var scope in logs.ScopeLogs)
        {
            foreach (var record in scope.LogRecords)
            {
                Records++;
                if (Judge(record, key) is { } refusal)
                    Reject(refusal);
                else
                    Take(OtlpMapping.Map(record, node, logs.Resource, scope.Scope, _now));
                if (_accepted.Count == Turn.RecordsMax)
                    await PassOnAsync(key, cancellation).ConfigureAwait(false);
            }
        }

        await PassOnAsync(key, cancellation).ConfigureAwait(false);
    }

    /// <summary>What the sender is told.</summary>
    public ExportLogsServiceResponse Response() => _rejected == 0
        ? new ExportLogsServiceResponse()
        : new ExportLogsServiceResponse { PartialSuccess = new() { RejectedLogRecords = _rejected, ErrorMessage = _reason } };

    private void Take(Streams.Contracts.V1.LogRecord record)
    {
        var bytes = record.CalculateSize();
        if (bytes > options.Limits.RecordBytesMax)
        {
            Reject(new("too_large", $"The record has {bytes} bytes; the limit is {options.Limits.RecordBytesMax}."));
            return;
        }

        _accepted.Add(new SizedMessage(record, bytes));
        Tally.Add(record.Severity, bytes);
    }

    private async Task PassOnAsync(byte[] key, CancellationToken cancellation)
    {
        if (_accepted.Count == 0)
            return;

        await session.AppendAsync(options.Topics.Logs, key, _accepted, _now.ToDateTimeOffset().ToUnixTimeMilliseconds(), Delivery, cancellation).ConfigureAwait(false);
        await forwarder.ForwardAsync(_accepted, Receipt, cancellation).ConfigureAwait(false);
        _accepted.Clear();

        // A request may have a million records.
        await Turn.EndAsync();
    }

    private static Refusal? Judge(LogRecord record, byte[] node) => node.Length switch
    {
        > NodeIdBytesMax => new("long_name", $"The resource's name has {node.Length} bytes; the limit is {NodeIdBytesMax}."),
        _ when (int)record.SeverityNumber is < 0 or > RecordRules.SeverityMax =>
            new("severity", $"The record's severity_number is {(int)record.SeverityNumber}; it must be 0 to {RecordRules.SeverityMax}."),
        _ => null,
    };

    // The sender is told one reason of each kind at most; thousands of them would be no more use.
    private void Reject(Refusal refusal)
    {
        _rejected++;
        if (!Causes.TryGetValue(refusal.Cause, out var before))
            _reason = _reason.Length == 0 ? refusal.Reason : $"{_reason} {refusal.Reason}";
        Causes[refusal.Cause] = before + 1;
    }
}
