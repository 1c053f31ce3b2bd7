using System.Buffers;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client.Calls;
using Grpc.Net.Compression;
using Grpc.Tests.V1;
using Grpc.Wire;

namespace Grpc.Tests;

/// <summary>Bytes and headers that no honest peer sends: no crash, no hang, no memory for promises. <c>STREAMS_LONG=1</c> takes 5,000,000 frames.</summary>
public sealed class FuzzTests
{
    private const int MaxBytes = 100_000;

    private static readonly Marshaller<Note> Notes = Marshallers.Create(
        (Note note, SerializationContext context) => context.Complete(note.ToByteArray()),
        context => Note.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private static readonly CompressionNames Gzip = new([new GzipCompressionProvider(CompressionLevel.Fastest)]);

    [Fact]
    public async Task A_stream_of_mutated_frames_is_read_or_refused()
    {
        var frames = Environment.GetEnvironmentVariable("STREAMS_LONG") == "1" ? 5_000_000 : 20_000;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("STREAMS_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        byte[][] honest = [.. Enumerable.Range(0, 32).Select(i => Frame(random, isCompressed: i % 4 == 0))];
        var refused = 0;

        for (var i = 0; i < frames; i++)
        {
            var bytes = Mutate(random, honest[random.Next(honest.Length)], honest[random.Next(honest.Length)]);
            var messages = new ResponseMessages(new CutStream(bytes, random), i % 8 == 0 ? "rot13" : "gzip", Gzip, MaxBytes);
            try
            {
                while (await messages.ReadNextAsync(Notes, CancellationToken.None) is not null)
                {
                    // Whatever it says, it is a message.
                }
            }
            catch (RpcException failure)
            {
                Assert.True(
                    failure.StatusCode is StatusCode.Internal or StatusCode.ResourceExhausted, $"Seed {seed}, frame {i}: {failure.Status}");
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}, frame {i}, {Convert.ToHexString(bytes)}: {exception}");
            }
        }

        Assert.InRange(refused, frames / 10, frames);
    }

    [Fact]
    public void A_frame_is_whole_partial_or_wrong_whatever_the_bytes() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            bytes ??= [];
            var whole = new ReadOnlySequence<byte>(bytes);
            var rest = whole;
            var state = MessageFrame.Read(ref rest, MaxBytes, out var message, out var length, out _);
            var taken = whole.Length - rest.Length;
            return state switch
            {
                FrameState.Whole => message.Length == length && taken == length + MessageFrame.PrefixBytes,
                FrameState.BadFlag => bytes[0] > 1 && taken == 0,
                FrameState.TooLarge => length > MaxBytes && taken == 0,
                _ => taken == 0 && bytes.Length < MessageFrame.PrefixBytes + (long)length,
            };
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_header_is_metadata_or_is_left_out() =>
        Prop.ForAll<NonNull<string>, string>((name, value) =>
        {
            foreach (var key in (string[])[name.Get, name.Get + "-bin", "a-bin", "a"])
            {
                var metadata = new Metadata();
                if (key.Length > 0)
                    MetadataValues.AddReceived(metadata, key, value);
                if (metadata.Any(entry => entry.IsBinary != entry.Key.EndsWith("-bin", StringComparison.Ordinal)))
                    return false;

                // What was received can be sent on.
                if (metadata.Any(entry => !MetadataValues.IsAscii(MetadataValues.ToAscii(MetadataValues.Encode(entry)))))
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_a_detail_a_timeout_and_a_status_or_none() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            _ = PercentEncoding.Decode(text.Get);
            _ = PercentEncoding.Decode("%" + text.Get + "%F");
            var isTimeout = TimeoutValue.TryParse(text.Get, out var left);
            var code = StatusValues.Parse(text.Get);
            return (!isTimeout || (left >= TimeSpan.Zero && left <= TimeoutValue.Longest)) && code is >= StatusCode.OK and <= StatusCode.Unauthenticated;
        }).QuickCheckThrowOnFailure();

    private static byte[] Frame(Random random, bool isCompressed)
    {
        var payload = new Note { Text = new string('x', random.Next(200)), Number = random.Next(), Payload = ByteString.CopyFrom(new byte[random.Next(100)]) }.ToByteArray();
        if (isCompressed)
        {
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
                gzip.Write(payload);
            payload = compressed.ToArray();
        }

        var frame = new byte[MessageFrame.PrefixBytes + payload.Length];
        MessageFrame.WritePrefix(frame, payload.Length, isCompressed);
        payload.CopyTo(frame.AsSpan(MessageFrame.PrefixBytes));
        return frame;
    }

    private static byte[] Mutate(Random random, byte[] frame, byte[] next)
    {
        byte[] bytes = [.. frame, .. next];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            switch (random.Next(6))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[random.Next(Math.Min(bytes.Length, MessageFrame.PrefixBytes))] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..random.Next(1, bytes.Length + 1)];
                    break;
                case 3:
                    random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                    break;
                case 4:
                    var at = random.Next(bytes.Length);
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
                default:
                    var gone = random.Next(bytes.Length);
                    bytes = bytes.Length > 1 ? [.. bytes[..gone], .. bytes[(gone + 1)..]] : bytes;
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Gives bytes in pieces of any size.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > 1 ? buffer[..random.Next(1, buffer.Length + 1)] : buffer, cancellationToken);
    }
}
