using Monitor.State;

namespace Monitor.Pipeline;

/// <summary>What was seen of one sender's records: tells a record that is new from one that was sent, or read, twice.</summary>
/// <remarks>
/// <para>A sender numbers its records 1, 2, 3, ... within an epoch. Per epoch this keeps the highest sequence, the gaps below it, and the
/// input offset of the record that was last new.</para>
/// <para><b>The invariant:</b> a record is dropped only where its outputs are known to be out. After a crash this state may be ahead of the
/// committed input offsets (it was restored from a changelog that was written before the offsets were), and the records in between are read
/// again. Their outputs may be lost, so they must pass again, though their sequences were seen. What tells them apart from a sender's own
/// repetition is the offset: a record read again lies at or before the offset kept here, a repetition lies behind it (ADR 0032).</para>
/// <para>Bounds: <see cref="EpochsMax"/> epochs, of which the one unused longest goes first, and <see cref="GapsMax"/> gaps an epoch, of which
/// the oldest counts as seen when one more opens.</para>
/// </remarks>
internal sealed class SenderHistory
{
    public const int EpochsMax = 4;
    public const int GapsMax = 64;

    // The one used last at the end.
    private readonly List<SeenRecords.Types.Epoch> _epochs;

    /// <summary>The history of a sender that was never heard of.</summary>
    public SenderHistory() => _epochs = [];

    /// <summary>The history that was kept.</summary>
    public SenderHistory(SeenRecords kept) => _epochs = [.. kept.Clone().Epochs];

    /// <summary>This history, to be kept.</summary>
    public SeenRecords Keep() => new SeenRecords { Epochs = { _epochs } }.Clone();

    /// <summary>Judges a record and remembers it.</summary>
    /// <param name="epoch">The record's epoch.</param>
    /// <param name="sequence">Its sequence in the epoch.</param>
    /// <param name="partition">The input partition that it was read from.</param>
    /// <param name="offset">Its offset there.</param>
    public Sighting See(ulong epoch, ulong sequence, int partition, long offset)
    {
        if (Find(epoch) is not { } seen)
        {
            if (_epochs.Count == EpochsMax)
                _epochs.RemoveAt(0);
            var first = new SeenRecords.Types.Epoch { Number = epoch, Highest = sequence, Partition = partition, Offset = offset };
            // What came before the first record seen was before our time: it is not missing, but where it comes after all it is new.
            if (sequence > 1)
                OpenGap(first, 1, sequence - 1);
            _epochs.Add(first);
            return new(SightingKind.New, 0);
        }

        if (sequence > seen.Highest)
        {
            var missing = sequence - seen.Highest - 1;
            if (missing > 0)
                OpenGap(seen, seen.Highest + 1, sequence - 1);
            seen.Highest = sequence;
            (seen.Partition, seen.Offset) = (partition, offset);
            return new(SightingKind.New, missing);
        }

        if (CloseGap(seen, sequence))
        {
            (seen.Partition, seen.Offset) = (partition, offset);
            return new(SightingKind.Late, 0);
        }

        return new(partition == seen.Partition && offset <= seen.Offset ? SightingKind.ReadAgain : SightingKind.Repeated, 0);
    }

    private SeenRecords.Types.Epoch? Find(ulong epoch)
    {
        for (var i = _epochs.Count - 1; i >= 0; i--)
        {
            var found = _epochs[i];
            if (found.Number != epoch)
                continue;

            if (i != _epochs.Count - 1)
            {
                _epochs.RemoveAt(i);
                _epochs.Add(found);
            }

            return found;
        }

        return null;
    }

    private static void OpenGap(SeenRecords.Types.Epoch seen, ulong from, ulong to)
    {
        if (seen.Missing.Count == GapsMax)
            seen.Missing.RemoveAt(0);
        seen.Missing.Add(new SeenRecords.Types.Gap { From = from, To = to });
    }

    private static bool CloseGap(SeenRecords.Types.Epoch seen, ulong sequence)
    {
        for (var i = 0; i < seen.Missing.Count; i++)
        {
            var gap = seen.Missing[i];
            if (sequence < gap.From || sequence > gap.To)
                continue;

            var (before, after) = (sequence - gap.From, gap.To - sequence);
            if (before == 0 && after == 0)
                seen.Missing.RemoveAt(i);
            else if (before == 0)
                gap.From = sequence + 1;
            else
                gap.To = sequence - 1;
            if (before > 0 && after > 0)
            {
                seen.Missing.Insert(i + 1, new() { From = sequence + 1, To = sequence + after });
                if (seen.Missing.Count > GapsMax)
                    seen.Missing.RemoveAt(0);
            }

            return true;
        }

        return false;
    }
}

/// <summary>What a record turned out to be.</summary>
/// <param name="Kind">New, or which kind of not new.</param>
/// <param name="Missing">How many sequences it skipped.</param>
internal readonly record struct Sighting(SightingKind Kind, ulong Missing);

/// <summary>What a record turned out to be.</summary>
internal enum SightingKind
{
    /// <summary>Not seen before, in order. Pass it on.</summary>
    New,

    /// <summary>Not seen before; it fills a gap. Pass it on.</summary>
    Late,

    /// <summary>Seen before a crash, whose outputs may be lost. Pass it on: they are written by id.</summary>
    ReadAgain,

    /// <summary>Sent more than once. Drop it.</summary>
    Repeated,
}
