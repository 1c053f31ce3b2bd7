using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Serves one method: an HTTP request in, a call through its handler, a status out.</summary>
internal abstract class CallHandler<TRequest, TResponse>(Method<TRequest, TResponse> method, ServedMethod served)
    where TRequest : class
    where TResponse : class
{
    // Of a call whose duration nobody wants to know.
    private const long Untimed = long.MinValue;

    private readonly bool _hasOneRequest = method.Type is MethodType.Unary or MethodType.ServerStreaming;

    protected Method<TRequest, TResponse> Method { get; } = method;

    public Task HandleAsync(HttpContext http)
    {
        // Routes ignore case, gRPC paths do not.
        if (!string.Equals(http.Request.Path.Value, Method.FullName, StringComparison.Ordinal))
            return CallRejection.Unimplemented(http, served.Log, "Method is unimplemented.");
        if (!CallRejection.IsCall(http, served.Log))
            return Task.CompletedTask;

        LiftBodyLimits(http);
        var began = served.Metrics.AreTimed ? served.Time.GetTimestamp() : Untimed;
        served.Metrics.Started();
        return ServeAsync(new ServerCall(http, served), began);
    }

    /// <summary>Runs the handler with the call's one request; null where its requests stream, and it reads them itself.</summary>
    protected abstract ValueTask RunAsync(ServerCall call, TRequest? request);

    /// <summary>Writes the one response of a handler that has one. It leaves together with the status.</summary>
    protected ValueTask WriteOneAsync(ServerCall call, TResponse? response) => response is null
        ? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."))
        : call.WriteOneAsync(response, Method.ResponseMarshaller);

    // A call whose request is still on its way waits here, and holds no other state machine meanwhile: under load every tenth does.
    private async Task ServeAsync(ServerCall call, long began)
    {
        Status status;
        try
        {
            TRequest? request = null;
            try
            {
                if (_hasOneRequest && !SingleRequest.TryRead(call, Method.RequestMarshaller, ref request))
                {
                    ReadResult read;
                    do
                        read = await call.HttpContext.Request.BodyReader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                    while (!SingleRequest.Take(read, call, Method.RequestMarshaller, ref request));
                }
            }
            catch (IOException exception) when (exception is not BadHttpRequestException)
            {
                throw call.CutOff(exception);
            }

            await RunAsync(call, request).ConfigureAwait(false);
            status = call.Status;
        }
        catch (Exception exception)
        {
            status = call.Explain(exception);
        }

        var ending = call.EndAsync(status);
        var code = call.HasExpired ? StatusCode.DeadlineExceeded : status.StatusCode;
        await ending.ConfigureAwait(false);
        served.Metrics.Handled(code, began == Untimed ? null : served.Time.GetElapsedTime(began));
    }

    private void LiftBodyLimits(HttpContext http)
    {
        var streams = Method.Type is not MethodType.Unary;
        if (Method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming)
        {
            // A stream may idle and has no length: Kestrel's idea of a slow or huge upload does not fit it.
            if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } dataRate)
                dataRate.MinDataRate = null;
            LiftSizeLimit(http);
        }
        else if (served.Options.MaxReceiveMessageBytes is null or > GrpcServiceOptions.DefaultMaxReceiveMessageSize)
        {
            LiftSizeLimit(http);
        }

        if (streams)
            http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
    }

    private static void LiftSizeLimit(HttpContext http)
    {
        // Each message has a limit of its own, checked from its prefix.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
            bodySize.MaxRequestBodySize = null;
    }
}
