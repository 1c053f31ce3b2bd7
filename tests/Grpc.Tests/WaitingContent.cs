using System.Net;

namespace Grpc.Tests;

/// <summary>A request's bytes, and then nothing, without an end until one is given.</summary>
internal sealed class WaitingContent(byte[] bytes, Task end) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
        await end;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
