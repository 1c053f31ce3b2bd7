using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A call with one response: it runs to its end by itself.</summary>
internal sealed class SingleResponseCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    : ClientCall(channel, host, options)
    where TRequest : class
    where TResponse : class
{
    private Task<TResponse>? _responseAsync;

    /// <summary>The response. Who waits for it goes on where it arrived.</summary>
    public Task<TResponse> ResponseAsync => _responseAsync!;

    protected override IMethod Method => method;

    protected override bool HasOneResponse => true;

    /// <summary>Starts the call.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public void Start(HttpContent content)
    {
        var response = RunAsync(Prepare(content));
        _responseAsync = response;
        Interlocked.MemoryBarrier();
        if (IsFinished && GetStatus().StatusCode != StatusCode.OK)
            Observe(response);
    }

    private async Task<TResponse> RunAsync(HttpRequestMessage request)
    {
        TResponse? message = null;
        if (await SendAsync(request).ConfigureAwait(false) is { } begun)
        {
            try
            {
                var stream = Channel.IsPlain
                    ? begun.Content.ReadAsStream(CancellationToken.None)
                    : await begun.Content.ReadAsStreamAsync(Stopped).ConfigureAwait(false);
                message = await SingleResponse.ReadAsync(
                    stream, ResponseMessages.EncodingOf(begun), Channel.Compression, Channel.MaxReceiveMessageBytes, method.ResponseMarshaller, Stopped).ConfigureAwait(false);
                FinishWithTrailers(hasMessage: message is not null);
            }
            catch (Exception exception)
            {
                TryFinish(exception);
            }
        }

        if (GetStatus().StatusCode == StatusCode.OK && message is not null)
        {
            LetGo(request);
            return message;
        }

        // The call may have failed before the task of it is known, or while it is made known.
        Interlocked.MemoryBarrier();
        if (_responseAsync is { } response)
            Observe(response);
        throw CreateException();
    }

    // A caller who only disposes the call has no use for its exception.
    private static void Observe(Task response) =>
        _ = response.ContinueWith(static over => _ = over.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
