using Fluentd;

namespace Gateway.Forwarding;

/// <summary>A chunk on its way, and who waits for it.</summary>
internal sealed class PendingChunk(Chunk chunk, long openedAt)
{
    private readonly List<ForwardReceipt> _receipts = [];

    public Chunk Chunk => chunk;

    /// <summary>When its first event came.</summary>
    public long OpenedAt => openedAt;

    /// <summary>When it was last sent.</summary>
    public long SentAt { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether its bytes are on their way to the connection.</summary>
    public bool IsBeingSent { get; set; }

    public void Add(ReadOnlySpan<byte> entry, ForwardReceipt? receipt)
    {
        chunk.Add(entry);

        // A batch's records come one after the other, so looking at the last is enough to hold it once or nearly so.
        if (receipt is not null && (_receipts.Count == 0 || _receipts[^1] != receipt))
        {
            receipt.Enter();
            _receipts.Add(receipt);
        }
    }

    public void Acknowledge()
    {
        foreach (var receipt in _receipts)
            receipt.Leave();
    }
}
