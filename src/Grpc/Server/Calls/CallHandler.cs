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
    protected Method<TRequest, TResponse> Method { get; } = method;

    public async Task HandleAsync(HttpContext http)
    {
        // Routes ignore case, gRPC paths do not.
        if (!string.Equals(http.Request.Path.Value, Method.FullName, StringComparison.Ordinal))
        {
            await CallRejection.Unimplemented(http, served.Log, "Method is unimplemented.").ConfigureAwait(false);
            return;
        }

        if (!CallRejection.IsCall(http, served.Log))
            return;

        LiftBodyLimits(http);
        var began = served.Metrics.AreTimed ? served.Time.GetTimestamp() : (long?)null;
        served.Metrics.Started();
        var call = new ServerCall(http, served);
        Status status;
        try
        {
            await RunAsync(call).ConfigureAwait(false);
            status = call.Status;
        }
        catch (Exception exception)
        {
            status = call.Explain(exception);
        }

        await call.EndAsync(status).ConfigureAwait(false);
        served.Metrics.Handled(
            call.HasExpired ? StatusCode.DeadlineExceeded : status.StatusCode, began is { } start ? served.Time.GetElapsedTime(start) : null);
    }

    /// <summary>Reads what the handler needs, runs it and writes what it gives.</summary>
    protected abstract ValueTask RunAsync(ServerCall call);

    /// <summary>Writes the one response of a handler that has one. It leaves together with the status.</summary>
    protected ValueTask WriteOneAsync(ServerCall call, TResponse? response) => response is null
        ? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."))
        : call.WriteOneAsync(response, Method.ResponseMarshaller);

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
