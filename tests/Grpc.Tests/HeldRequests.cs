using System.Net;
using System.Threading.Channels;

namespace Grpc.Tests;

/// <summary>In place of the HTTP handler: takes one write of the request stream after the other, as the test lets it, and answers nothing.</summary>
internal sealed class HeldRequests : HttpMessageHandler
{
    private readonly Channel<byte[]> _writes = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<int> _flushes = Channel.CreateUnbounded<int>();
    private readonly TaskCompletionSource<Task> _body = new();
    private TaskCompletionSource _taken = new();

    /// <summary>Whether a write has begun that <see cref="NextWriteAsync"/> has not told.</summary>
    public bool HasWrite => _writes.Reader.TryPeek(out _);

    /// <summary>Flushes so far.</summary>
    public int Flushes => _flushes.Reader.Count;

    /// <summary>Completes once the request stream has ended.</summary>
    public Task Body => _body.Task.Unwrap();

    /// <summary>Waits for a write to begin.</summary>
    public Task<byte[]> NextWriteAsync() => _writes.Reader.ReadAsync().AsTask().WaitAsync(EchoHost.Patience);

    /// <summary>Ends the write that has begun.</summary>
    public void Take() => Interlocked.Exchange(ref _taken, new()).SetResult();

    /// <summary>Fails the write that has begun.</summary>
    public void Fail(Exception exception) => Interlocked.Exchange(ref _taken, new()).SetException(exception);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _body.SetResult(request.Content!.CopyToAsync(new Held(this), cancellationToken));
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return new(HttpStatusCode.NoContent);
    }

    private sealed class Held(HeldRequests requests) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var taken = requests._taken.Task;
            requests._writes.Writer.TryWrite(buffer.ToArray());
            await taken.WaitAsync(cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            requests._flushes.Writer.TryWrite(1);
            return Task.CompletedTask;
        }
    }
}
