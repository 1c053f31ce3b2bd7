namespace Broker.Log;

/// <summary>What recovery cut off the end of a segment.</summary>
/// <param name="Path">The segment's file.</param>
/// <param name="Position">Bytes kept.</param>
/// <param name="Bytes">Bytes cut.</param>
/// <param name="Reason">What was found there instead of a batch.</param>
internal sealed record SegmentCut(string Path, int Position, long Bytes, string Reason);
