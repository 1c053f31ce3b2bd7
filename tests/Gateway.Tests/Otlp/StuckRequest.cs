using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Tests.Otlp;

/// <summary>An OTLP request of which only the first bytes come, until a test lets go: the rest of it follows, or it is given up.</summary>
internal sealed class StuckRequest : HttpContent
{
    private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancellation = new();
    private readonly SocketsHttpHandler _connection = new();
    private readonly int _bytes;
    private readonly Task<HttpResponseMessage> _answer;

    /// <summary>Begins to send a request of so many bytes to a gateway.</summary>
    public StuckRequest(string address, int bytes)
    {
        _bytes = bytes;
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/opentelemetry.proto.collector.logs.v1.LogsService/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = this,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        _answer = new HttpMessageInvoker(_connection).SendAsync(request, _cancellation.Token);
    }

    /// <summary>Sends the rest, which no parser understands, and reads the answer.</summary>
    public async Task FinishAsync()
    {
        _rest.SetResult();
        (await _answer).Dispose();
    }

    /// <summary>Gives the request up; its connection stays.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <summary>Closes the connection under the request.</summary>
    public void CutConnection() => _connection.Dispose();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var message = new byte[5 + _bytes];
        message.AsSpan().Fill(0xff);
        message[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), _bytes);
        await stream.WriteAsync(message.AsMemory(0, 100), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await _rest.Task.WaitAsync(cancellationToken);
        await stream.WriteAsync(message.AsMemory(100), cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cancellation.Cancel();
            _connection.Dispose();
            _cancellation.Dispose();
        }

        base.Dispose(disposing);
    }
}
