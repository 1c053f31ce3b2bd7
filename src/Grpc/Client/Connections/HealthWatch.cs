using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Calls;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.Net.Client.Connections;

/// <summary>Watches the health of one server, so that none is picked that says it does not serve.</summary>
/// <remarks>
/// Source: https://github.com/grpc/proposal/blob/master/A17-client-side-health-checking.md. A server without the health service counts as healthy.
/// </remarks>
internal static class HealthWatch
{
    private static readonly Method<HealthCheckRequest, HealthCheckResponse> Watch = new(
        MethodType.ServerStreaming,
        "grpc.health.v1.Health",
        "Watch",
        Marshallers.Create(message => Google.Protobuf.MessageExtensions.ToByteArray(message), HealthCheckRequest.Parser.ParseFrom),
        Marshallers.Create(message => Google.Protobuf.MessageExtensions.ToByteArray(message), HealthCheckResponse.Parser.ParseFrom));

    public static void Start(ConnectionManager manager, Subchannel subchannel, string service, CancellationToken stopped) =>
        _ = RunAsync(manager, subchannel, new HealthCheckRequest { Service = service }, stopped);

    private static async Task RunAsync(ConnectionManager manager, Subchannel subchannel, HealthCheckRequest request, CancellationToken stopped)
    {
        var address = subchannel.CurrentAddress;
        var backoff = manager.Backoffs.Create();
        while (address is not null && subchannel.CurrentAddress == address && !stopped.IsCancellationRequested)
        {
            var status = await WatchOnceAsync(manager, subchannel, request, stopped).ConfigureAwait(false);
            if (status.StatusCode is StatusCode.Unimplemented)
            {
                subchannel.OnHealth(serves: true, "");
                return;
            }

            if (subchannel.CurrentAddress != address || stopped.IsCancellationRequested)
                return;
            subchannel.OnHealth(serves: false, $"The health of {subchannel} cannot be watched: {status.Detail}");
            await Task.Delay(backoff.NextBackoff(), manager.Time, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<Status> WatchOnceAsync(
        ConnectionManager manager, Subchannel subchannel, HealthCheckRequest request, CancellationToken stopped)
    {
        try
        {
            using var call = new ResponseStreamCall<HealthCheckRequest, HealthCheckResponse>(
                manager.Channel, Watch, host: null, new CallOptions(cancellationToken: stopped))
            {
                Subchannel = subchannel,
            };
            call.Start(new SingleRequestContent<HealthCheckRequest>(call, request, Watch.RequestMarshaller));
            while (await call.MoveNext(CancellationToken.None).ConfigureAwait(false))
                subchannel.OnHealth(call.Current.Status is ServingStatus.Serving, $"{subchannel} says that it does not serve '{request.Service}' ({call.Current.Status}).");
            return call.GetStatus();
        }
        catch (RpcException failure)
        {
            return failure.Status;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            return Status.DefaultCancelled;
        }
    }
}
