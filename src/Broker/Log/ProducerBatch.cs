using System.Runtime.CompilerServices;

namespace Broker.Log;

/// <summary>One batch an idempotent producer appended: what a second copy of it is recognised by, and answered with.</summary>
internal readonly record struct ProducerBatch(int FirstSequence, int LastSequence, long BaseOffset, int LastOffsetDelta)
{
    public long LastOffset => BaseOffset + LastOffsetDelta;
}

/// <summary>A producer's last batches: as many as a client may have under way at once.</summary>
[InlineArray(Capacity)]
internal struct RecentBatches
{
    public const int Capacity = 5;

    private ProducerBatch _first;
}
