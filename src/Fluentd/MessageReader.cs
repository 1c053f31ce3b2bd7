using System.Buffers;
using System.IO.Pipelines;
using MessagePack;

namespace Fluentd;

/// <summary>Reads MessagePack values, one after the other, from what another process sends.</summary>
internal sealed class MessageReader(Stream stream) : IAsyncDisposable
{
    // Answers are a hundred bytes. Whoever sends more without an end is no forward server.
    private const int MessageBytesMax = 16 << 10;

    private readonly PipeReader _pipe = PipeReader.Create(stream);

    /// <summary>The next value's bytes; null where the other end has closed.</summary>
    /// <exception cref="ForwardException">What comes is no MessagePack, or without an end.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var read = await _pipe.ReadAsync(cancellation).ConfigureAwait(false);
            if (TryCut(read.Buffer, out var length))
            {
                var message = read.Buffer.Slice(0, length).ToArray();
                _pipe.AdvanceTo(read.Buffer.GetPosition(length));
                return message;
            }

            var isTooLong = read.Buffer.Length > MessageBytesMax;
            _pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (isTooLong)
                throw new ForwardException($"The other end sent more than {MessageBytesMax} bytes that are no answer; is it a Fluentd forward input?");
            if (read.IsCompleted)
                return null;
        }
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();

    // Counts what is still to come instead of descending: nesting costs the sender a byte a level, and must not cost us a stack.
    private static bool TryCut(ReadOnlySequence<byte> buffer, out long length)
    {
        length = 0;
        var reader = new MessagePackReader(buffer);
        try
        {
            for (long open = 1; open > 0; open--)
            {
                if (reader.End)
                    return false;

                var count = 0;
                switch (reader.NextMessagePackType)
                {
                    case MessagePackType.Array when !reader.TryReadArrayHeader(out count):
                    case MessagePackType.Map when !reader.TryReadMapHeader(out count):
                        return false;
                    case MessagePackType.Array:
                        open += count;
                        break;
                    case MessagePackType.Map:
                        open += 2L * count;
                        break;
                    case MessagePackType.Unknown:
                        throw NoMessagePack(null);
                    default:
                        reader.Skip();
                        break;
                }
            }
        }
        catch (EndOfStreamException)
        {
            return false;
        }
        catch (MessagePackSerializationException e)
        {
            throw NoMessagePack(e);
        }

        length = reader.Consumed;
        return true;
    }

    private static ForwardException NoMessagePack(Exception? inner) =>
        new("The other end sent what is no MessagePack; is it a Fluentd forward input, and is TLS on at both ends or at none?", inner);
}
