using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Net.Client.Calls;
using Grpc.Wire;

namespace Grpc.Tests;

public sealed class MessageFrameTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(message => message, message => message);
    private static readonly int[] Sizes = [0, 7_000, 100_000, 600_000];

    [Fact]
    public void Messages_are_found_however_the_stream_is_cut() =>
        Prop.ForAll<byte[][], int[]>((messages, cuts) =>
        {
            var whole = messages.SelectMany(Frame).ToArray();

            var rest = Cut(whole, cuts);
            var found = new List<byte[]>();
            while (MessageFrame.Read(ref rest, maxBytes: null, out var message, out _, out _) == FrameState.Whole)
                found.Add(message.ToArray());

            return rest.IsEmpty && found.Count == messages.Length && found.Zip(messages).All(pair => pair.First.SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_cut_short_message_is_left_where_it_is() =>
        Prop.ForAll<byte[], int>((message, at) =>
        {
            var frame = Frame(message);
            var rest = new ReadOnlySequence<byte>(frame.AsMemory(0, (int)((uint)at % frame.Length)));
            var before = rest.Length;

            var state = MessageFrame.Read(ref rest, maxBytes: null, out _, out _, out _);

            return state == FrameState.Partial && rest.Length == before;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Responses_are_read_whole_however_they_arrive() =>
        Prop.ForAll<byte[][], int[]>((messages, cuts) =>
        {
            // Some of them larger than the first buffer.
            var large = messages.Select((message, i) => i % 3 == 0 ? [.. message, .. new byte[20_000 * (i % 4)]] : message).ToArray();
            var stream = new CutStream(large.SelectMany(Frame).ToArray(), cuts);
            var responses = new ResponseMessages(stream, encoding: null, new CompressionNames([]), maxBytes: null);

            var found = new List<byte[]>();
            while (responses.ReadNextAsync(Bytes, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } message)
                found.Add(message);

            return found.Count == large.Length && found.Zip(large).All(pair => pair.First.SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_one_response_of_a_call_is_read_whole_however_it_arrives_and_alone_or_not_at_all() =>
        Prop.ForAll<byte[], int[], int>((message, cuts, following) =>
        {
            // Some of them larger than the first buffer; most followed by something else.
            byte[] large = [.. message, .. new byte[Sizes[message.Length % Sizes.Length]]];
            byte[] stream = [.. Frame(large), .. new byte[(uint)following % 8]];

            var reading = SingleResponse.ReadAsync(new CutStream(stream, cuts), encoding: null, new CompressionNames([]), maxBytes: null, Bytes, CancellationToken.None).AsTask();

            return (uint)following % 8 == 0
                ? reading.GetAwaiter().GetResult()!.SequenceEqual(large)
                : reading.Exception?.InnerException is RpcException { StatusCode: StatusCode.Internal };
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_one_response_that_is_cut_short_is_none() =>
        Prop.ForAll<byte[], int, int[]>((message, at, cuts) =>
        {
            var frame = Frame(message);
            var cut = frame[..(int)((uint)at % frame.Length)];

            var reading = SingleResponse.ReadAsync(new CutStream(cut, cuts), encoding: null, new CompressionNames([]), maxBytes: null, Bytes, CancellationToken.None).AsTask();

            return cut.Length == 0 ? reading.Result is null : reading.Exception?.InnerException is RpcException { StatusCode: StatusCode.Internal };
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public void A_stream_that_starts_with_another_byte_is_no_message(byte flag)
    {
        var stream = new ReadOnlySequence<byte>([flag]);

        Assert.Equal(FrameState.BadFlag, MessageFrame.Read(ref stream, null, out _, out _, out _));
    }

    [Theory]
    [InlineData(100u, 100, false)]
    [InlineData(101u, 100, true)]
    [InlineData((uint)int.MaxValue, null, false)]
    [InlineData(1u + int.MaxValue, null, true)]
    [InlineData(uint.MaxValue, null, true)]
    public void A_prefix_alone_tells_a_message_that_is_too_large(uint length, int? maxBytes, bool isTooLarge)
    {
        var prefix = new byte[MessageFrame.PrefixBytes];
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), length);
        var stream = new ReadOnlySequence<byte>(prefix);

        Assert.Equal(isTooLarge ? FrameState.TooLarge : FrameState.Partial, MessageFrame.Read(ref stream, maxBytes, out _, out _, out _));
    }

    [Fact]
    public async Task A_promise_of_two_gigabytes_takes_no_memory_until_they_come()
    {
        byte[] promise = [0, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3];
        var responses = new ResponseMessages(new CutStream(promise, []), encoding: null, new CompressionNames([]), maxBytes: null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var failure = await Record.ExceptionAsync(() => responses.ReadNextAsync(Bytes, CancellationToken.None).AsTask());

        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(failure).StatusCode);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[MessageFrame.PrefixBytes + message.Length];
        MessageFrame.WritePrefix(frame, message.Length);
        message.CopyTo(frame, MessageFrame.PrefixBytes);
        return frame;
    }

    private static ReadOnlySequence<byte> Cut(byte[] whole, int[] cuts)
    {
        var positions = cuts.Select(cut => (int)((uint)cut % (whole.Length + 1))).Append(0).Append(whole.Length).Order().ToArray();
        Segment? first = null;
        Segment? last = null;
        foreach (var (from, to) in positions.Zip(positions.Skip(1)))
        {
            last = new Segment(whole.AsMemory(from, to - from), last);
            first ??= last;
        }

        return new(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }

    /// <summary>Gives its bytes in pieces: of the sizes asked for, over and over, or whatever fits.</summary>
    private sealed class CutStream(byte[] whole, int[] cuts) : MemoryStream(whole)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
                return ValueTask.FromResult(0);
            var piece = cuts.Length == 0 ? buffer.Length : 1 + (int)((uint)cuts[_reads++ % cuts.Length] % 5000);
            return ValueTask.FromResult(Read(buffer.Span[..Math.Min(piece, buffer.Length)]));
        }
    }
}
