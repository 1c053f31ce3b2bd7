using System.Buffers;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Writes messages straight to where they go.</summary>
internal sealed class PipeMessage(IBufferWriter<byte> body, int? maxBytes) : OutgoingMessage(maxBytes)
{
    protected override Memory<byte> Reserve(int frameBytes) => body.GetMemory(frameBytes);

    protected override void Commit(int frameBytes) => body.Advance(frameBytes);
}
