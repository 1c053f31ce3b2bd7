using System.IO.Pipelines;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Writes messages straight into the response body.</summary>
internal sealed class PipeMessage(PipeWriter body, int? maxBytes) : OutgoingMessage(maxBytes)
{
    protected override Memory<byte> Reserve(int frameBytes) => body.GetMemory(frameBytes);

    protected override void Commit(int frameBytes) => body.Advance(frameBytes);
}
