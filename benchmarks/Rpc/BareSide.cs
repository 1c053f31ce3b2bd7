using System.Net;

namespace Benchmarks.Rpc;

/// <summary>The same bytes through SocketsHttpHandler alone.</summary>
/// <param name="address">The server.</param>
/// <param name="isDressed">
/// Whether a unary call also has what gRPC's protocol demands of it: its request and response headers, a status in trailers that is looked at, and a token
/// that could cancel it. No gRPC on this HTTP can be faster.
/// </param>
internal sealed class BareSide(Uri address, bool isDressed = false) : ISide
{
    // Prefix of a message, tag and length of its one field.
    private const int FramingBytes = 5 + 1 + 1;
    private const int LargeFramingBytes = 5 + 1 + 3;
    private const int ReadBytes = 16 * 1024;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseCookies = false, AllowAutoRedirect = false });

    // Nobody cancels it.
    private readonly CancellationTokenSource _cancellation = new();

    public string Name => isDressed ? "with headers" : "bare HTTP/2";

    public bool Plays(RpcRow row) => !isDressed || row.Kind is RpcKind.Echo;

    public Task CallAsync(RpcRow row, Caller caller, CancellationToken stop)
    {
        var message = new byte[row.Bytes + (row.Bytes < 128 ? FramingBytes : LargeFramingBytes)];
        return row.Kind switch
        {
            RpcKind.Echo => EchoAsync(message, caller, stop),
            RpcKind.PingPong => PingPongAsync(message, caller, stop),
            RpcKind.Down => DownAsync(row, message.Length, caller, stop),
            _ => UpAsync(row, message, caller, stop),
        };
    }

    public void Dispose()
    {
        _http.Dispose();
        _cancellation.Dispose();
    }

    private async Task EchoAsync(byte[] message, Caller caller, CancellationToken stop)
    {
        var uri = new Uri(address, isDressed ? BareEndpoints.DressedEcho : BareEndpoints.PlainEcho);
        var buffer = new byte[ReadBytes];
        while (!stop.IsCancellationRequested)
        {
            caller.Ask();
            using var response = await (isDressed ? PostDressedAsync(uri, message) : PostAsync(uri, new OneMessage(message)));
            Expect(message.Length, await DrainAsync(response, buffer));
            if (isDressed && !response.TrailingHeaders.NonValidated.Contains(BareEndpoints.Status))
                throw new InvalidOperationException("No status came.");
            caller.Answered();
        }
    }

    private async Task PingPongAsync(byte[] message, Caller caller, CancellationToken stop)
    {
        var content = new ManyMessages();
        using var response = await PostAsync(new Uri(address, "/bare-pingpong"), content);
        var requests = await content.Opened;
        await using var responses = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        var buffer = new byte[message.Length];
        while (!stop.IsCancellationRequested)
        {
            caller.Ask();
            await requests.WriteAsync(message, CancellationToken.None);
            await requests.FlushAsync(CancellationToken.None);
            await responses.ReadExactlyAsync(buffer, CancellationToken.None);
            caller.Answered();
        }

        content.Complete();
        Expect(0, await DrainAsync(response, buffer));
    }

    private async Task DownAsync(RpcRow row, int bytes, Caller caller, CancellationToken stop)
    {
        var uri = new Uri(address, $"/bare-down?count={row.MessagesOfStream}&bytes={bytes}");
        var buffer = new byte[ReadBytes];
        while (!stop.IsCancellationRequested)
        {
            using var response = await PostAsync(uri, new OneMessage([]));
            Expect((long)bytes * row.MessagesOfStream, await DrainAsync(response, buffer));
            caller.Moved(row.MessagesOfStream);
        }
    }

    private async Task UpAsync(RpcRow row, byte[] message, Caller caller, CancellationToken stop)
    {
        var uri = new Uri(address, "/bare-up");
        var buffer = new byte[ReadBytes];
        while (!stop.IsCancellationRequested)
        {
            var content = new ManyMessages();
            var posting = PostAsync(uri, content);
            var requests = await content.Opened;
            for (var i = 0; i < row.MessagesOfStream; i++)
            {
                await requests.WriteAsync(message, CancellationToken.None);
                await requests.FlushAsync(CancellationToken.None);
            }

            content.Complete();
            using var response = await posting;
            Expect(0, await DrainAsync(response, buffer));
            caller.Moved(row.MessagesOfStream);
        }
    }

    private async Task<HttpResponseMessage> PostDressedAsync(Uri uri, byte[] message)
    {
        var request = Request(uri, new OneMessage(message));
        request.Content!.Headers.TryAddWithoutValidation("Content-Type", BareEndpoints.ContentType);
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
        request.Headers.TryAddWithoutValidation("User-Agent", "bare");
        var response = await _http.SendAsync(request, _cancellation.Token);
        return response.EnsureSuccessStatusCode();
    }

    private async Task<HttpResponseMessage> PostAsync(Uri uri, HttpContent content)
    {
        var request = Request(uri, content);
        var response = await _http.SendAsync(request, CancellationToken.None);
        return response.EnsureSuccessStatusCode();
    }

    private static HttpRequestMessage Request(Uri uri, HttpContent content) => new(HttpMethod.Post, uri)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = content,
    };

    private static async Task<long> DrainAsync(HttpResponseMessage response, byte[] buffer)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        var total = 0L;
        while (await stream.ReadAsync(buffer, CancellationToken.None) is > 0 and var read)
            total += read;
        return total;
    }

    private static void Expect(long bytes, long came)
    {
        if (came != bytes)
            throw new InvalidOperationException($"{came} bytes of {bytes} came.");
    }

    private sealed class OneMessage(byte[] message) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(message, CancellationToken.None).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class ManyMessages : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _complete = new();

        public Task<Stream> Opened => _opened.Task;

        public void Complete() => _complete.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync(CancellationToken.None);
            _opened.SetResult(stream);
            await _complete.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
