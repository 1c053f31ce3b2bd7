using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>The body of a call with one request. It can be sent again where the server never looked at the first try.</summary>
internal sealed class SingleRequestContent<T>(ClientCall call, T request, Marshaller<T> marshaller) : HttpContent
    where T : class
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var message = new ArrayMessage(call.Channel.MaxSendMessageBytes);
        try
        {
            message.Write(request, marshaller, call.CompressorFor(call.Options.WriteOptions));
        }
        catch (RpcException exception)
        {
            // Not by way of the handler, which would wrap it.
            call.TryFinish(exception.Status);
            throw;
        }

        await stream.WriteAsync(message.Frame, cancellationToken).ConfigureAwait(false);
        message.Release();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
