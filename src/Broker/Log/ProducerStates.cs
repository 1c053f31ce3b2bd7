using System.Runtime.InteropServices;
using Kafka.Protocol;

namespace Broker.Log;

/// <summary>What a batch's sequence numbers say about it.</summary>
internal enum SequenceVerdict
{
    /// <summary>The batch is the producer's next, or the first seen of it.</summary>
    Next,

    /// <summary>The batch was appended before; its producer missed the answer.</summary>
    Duplicate,

    /// <summary>A batch in front of this one is missing.</summary>
    OutOfOrder,

    /// <summary>A newer instance of the producer has taken over.</summary>
    StaleEpoch,
}

/// <summary>The idempotent producers of one partition. Guarded by the log that owns it.</summary>
/// <remarks>Source: KIP-98; the rules are those of Kafka's <c>ProducerAppendInfo</c>.</remarks>
/// <param name="producersMax">Most producers remembered; the one idle for longest makes room.</param>
internal sealed class ProducerStates(int producersMax)
{
    private readonly Dictionary<long, ProducerState> _byId = [];

    public int Count => _byId.Count;

    public IEnumerable<ProducerState> All => _byId.Values;

    /// <summary>Judges a batch; of a duplicate, <paramref name="original"/> is what was appended.</summary>
    public SequenceVerdict Judge(in RecordBatchHeader header, out ProducerBatch original)
    {
        original = default;
        if (!_byId.TryGetValue(header.ProducerId, out var state))
            return SequenceVerdict.Next;
        if (header.ProducerEpoch < state.Epoch)
            return SequenceVerdict.StaleEpoch;
        if (header.ProducerEpoch > state.Epoch)
            return header.BaseSequence == 0 ? SequenceVerdict.Next : SequenceVerdict.OutOfOrder;
        if (header.BaseSequence == SequenceAfter(state.LastSequence))
            return SequenceVerdict.Next;
        return state.TryFind(header.BaseSequence, header.LastSequence, out original) ? SequenceVerdict.Duplicate : SequenceVerdict.OutOfOrder;
    }

    /// <summary>Remembers a batch that was judged <see cref="SequenceVerdict.Next"/> and appended, or found in the log.</summary>
    public void Record(in RecordBatchHeader header, long now)
    {
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, header.ProducerId, out var known);
        if (!known)
            state = new(header.ProducerId, header.ProducerEpoch);
        state!.Add(header.ProducerEpoch, new(header.BaseSequence, header.LastSequence, header.BaseOffset, header.LastOffsetDelta), now);
        if (_byId.Count > producersMax)
            ForgetLongestIdle();
    }

    public void Restore(ProducerState state) => _byId[state.ProducerId] = state;

    /// <summary>Forgets producers that have appended nothing since <paramref name="deadline"/> (milliseconds since 1970).</summary>
    public void ForgetIdleSince(long deadline)
    {
        foreach (var (id, state) in _byId)
        {
            if (state.LastAppendAt < deadline)
                _byId.Remove(id);
        }
    }

    private static int SequenceAfter(int sequence) => sequence == int.MaxValue ? 0 : sequence + 1;

    private void ForgetLongestIdle() => _byId.Remove(_byId.Values.MinBy(static state => state.LastAppendAt)!.ProducerId);
}
