using System.Buffers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Writes messages straight to where they go.</summary>
internal sealed class PipeMessage(IBufferWriter<byte> body, int? maxBytes) : OutgoingMessage(maxBytes)
{
    // A message is written in one go, so a thread needs one writer for all that come alone.
    [ThreadStatic]
    private static PipeMessage? _idle;

    private IBufferWriter<byte>? _body = body;

    /// <summary>Writes a message that comes alone.</summary>
    /// <inheritdoc cref="OutgoingMessage.Write"/>
    public static void WriteOne<T>(T message, Marshaller<T> marshaller, MessageCompressor? compressor, IBufferWriter<byte> body, int? maxBytes)
    {
        // A marshaller may write another message meanwhile, so it is taken away from there.
        var writer = _idle ?? new(body, maxBytes);
        _idle = null;
        (writer._body, writer.MaxBytes) = (body, maxBytes);
        writer.Write(message, marshaller, compressor);
        writer._body = null;
        _idle = writer;
    }

    protected override Memory<byte> Reserve(int frameBytes) => _body!.GetMemory(frameBytes);

    protected override void Commit(int frameBytes) => _body!.Advance(frameBytes);
}
