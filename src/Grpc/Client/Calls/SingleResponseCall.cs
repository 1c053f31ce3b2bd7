using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A call with one response: it runs to its end by itself.</summary>
internal sealed class SingleResponseCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    : ClientCall(channel, method, host, options)
    where TRequest : class
    where TResponse : class
{
    // Continuations run where the response arrived, as they do after an await.
    private readonly TaskCompletionSource<TResponse> _response = new();

    public Task<TResponse> ResponseAsync => _response.Task;

    protected override bool HasOneResponse => true;

    /// <summary>Starts the call.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public void Start(HttpContent content) => _ = RunAsync(Prepare(content));

    private async Task RunAsync(HttpRequestMessage request)
    {
        TResponse? message = null;
        if (await SendAsync(request).ConfigureAwait(false) is { } response)
        {
            try
            {
                var stream = Channel.IsPlain
                    ? response.Content.ReadAsStream(CancellationToken.None)
                    : await response.Content.ReadAsStreamAsync(Stopped).ConfigureAwait(false);
                message = await SingleResponse.ReadAsync(
                    stream, ResponseMessages.EncodingOf(response), Channel.Compression, Channel.MaxReceiveMessageBytes, method.ResponseMarshaller, Stopped).ConfigureAwait(false);
                FinishWithTrailers(hasMessage: message is not null);
            }
            catch (Exception exception)
            {
                TryFinish(exception);
            }
        }

        if (GetStatus().StatusCode == StatusCode.OK && message is not null)
        {
            if (request.Content is SingleRequestContent<TRequest>)
                LetGoOfStop();
            _response.SetResult(message);
            return;
        }

        _response.SetException(CreateException());

        // A caller who only disposes the call has no use for its exception.
        _ = _response.Task.Exception;
    }
}
