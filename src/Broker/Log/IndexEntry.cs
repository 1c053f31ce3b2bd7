
namespace Broker.Log;

/// <summary>Where a batch starts. All three values only grow from entry to entry, so one list answers questions by offset and by time.</summary>
/// <param name="RelativeOffset">The batch's base offset less the segment's.</param>
/// <param name="Position">The batch's first byte in the file.</param>
/// <param name="MaxTimestampBefore">The largest timestamp of all batches in front of this one; <see cref="long.MinValue"/> where there is none.</param>
internal readonly record struct IndexEntry(int RelativeOffset, int Position, long MaxTimestampBefore)
{
    /// <summary>Bytes of an entry in a file.</summary>
    public const int Bytes = 16;

    /// <summary>The front of every segment; where a search starts that no entry helps.</summary>
    public static readonly IndexEntry Front = new(0, 0, long.MinValue);
}
