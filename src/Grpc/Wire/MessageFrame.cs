using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>What the front of a stream of messages is.</summary>
internal enum FrameState
{
    /// <summary>A whole message.</summary>
    Whole,

    /// <summary>Part of a message, or nothing yet.</summary>
    Partial,

    /// <summary>No message: its first byte is neither 0 nor 1.</summary>
    BadFlag,

    /// <summary>A message larger than the limit, known from its prefix alone.</summary>
    TooLarge,
}

/// <summary>A message on the wire: one byte that says whether it is compressed, its length in four bytes, itself.</summary>
/// <remarks>How HTTP/2 cuts the stream into DATA frames means nothing: a prefix may come byte by byte.</remarks>
internal static class MessageFrame
{
    /// <summary>The bytes before every message.</summary>
    public const int PrefixBytes = 5;

    /// <summary>
    /// Takes one message off the front of <paramref name="source"/>. Only a <see cref="FrameState.Whole"/> message moves
    /// it on; <paramref name="length"/> is known as soon as the prefix is.
    /// </summary>
    public static FrameState Read(
        ref ReadOnlySequence<byte> source, int? maxBytes, out ReadOnlySequence<byte> message, out uint length, out bool isCompressed)
    {
        (message, length, isCompressed) = (default, 0, false);
        if (source.IsEmpty)
            return FrameState.Partial;

        // A slice may start at the end of a segment, so the first span can be short, or even empty, with more behind it.
        Span<byte> copy = stackalloc byte[PrefixBytes];
        scoped var prefix = source.FirstSpan;
        if (prefix.Length < PrefixBytes)
        {
            var start = source.Slice(0, Math.Min(source.Length, PrefixBytes));
            start.CopyTo(copy);
            prefix = copy[..(int)start.Length];
        }

        var state = Read(prefix, source.Length, maxBytes, out length, out isCompressed);
        if (state != FrameState.Whole)
            return state;

        message = source.Slice(PrefixBytes, length);
        source = source.Slice(message.End);
        return FrameState.Whole;
    }

    /// <summary>Looks at the message at the front of <paramref name="source"/>: where it is whole, <paramref name="length"/> bytes behind the prefix.</summary>
    public static FrameState Read(ReadOnlySpan<byte> source, int? maxBytes, out uint length, out bool isCompressed) =>
        Read(source, source.Length, maxBytes, out length, out isCompressed);

    private static FrameState Read(ReadOnlySpan<byte> prefix, long sourceBytes, int? maxBytes, out uint length, out bool isCompressed)
    {
        (length, isCompressed) = (0, false);
        if (prefix.IsEmpty)
            return FrameState.Partial;
        if (prefix[0] > 1)
            return FrameState.BadFlag;
        isCompressed = prefix[0] == 1;
        if (prefix.Length < PrefixBytes)
            return FrameState.Partial;

        length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > (uint)(maxBytes ?? int.MaxValue))
            return FrameState.TooLarge;
        return sourceBytes - PrefixBytes < length ? FrameState.Partial : FrameState.Whole;
    }

    /// <summary>Writes the prefix of a message; the length is that of what follows it.</summary>
    public static void WritePrefix(Span<byte> destination, int length, bool isCompressed = false)
    {
        destination[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
    }

    /// <summary>Why a stream cannot be read on, as a status for its call.</summary>
    public static Status Explain(FrameState state, uint length, int? maxBytes) => state switch
    {
        FrameState.TooLarge => new(
            StatusCode.ResourceExhausted, $"Received message of {length} bytes exceeds the limit of {maxBytes ?? int.MaxValue} bytes."),
        FrameState.BadFlag => new(StatusCode.Internal, "Received message has an unknown compression flag."),
        _ => new(StatusCode.Internal, "The stream ended inside a message."),
    };
}
