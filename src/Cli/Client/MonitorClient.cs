using System.CommandLine;
using Grpc.Core;
using Grpc.Net.Client;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary>The monitor at the other end of a client command.</summary>
internal sealed class MonitorClient : IDisposable
{
    public const string DefaultAddress = "http://127.0.0.1:7071";

    private static readonly TimeSpan _startTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _askAgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly GrpcChannel _channel;

    public MonitorClient(Uri address)
    {
        _channel = GrpcChannel.ForAddress(address);
        Nodes = new NodeQueries.NodeQueriesClient(_channel);
        Logs = new LogQueries.LogQueriesClient(_channel);
    }

    public NodeQueries.NodeQueriesClient Nodes { get; }

    public LogQueries.LogQueriesClient Logs { get; }

    public static Option<Uri> AddressFlag() => Flags.Address("--monitor", $"The monitor to ask (default {DefaultAddress}).", DefaultAddress);

    /// <summary>Runs a command against the monitor and turns what gRPC says into what a user can act on.</summary>
    /// <returns>The exit code; Ctrl-C ends a live command well.</returns>
    public static async Task<int> UseAsync(Uri address, Func<MonitorClient, Task> command, CancellationToken cancellation)
    {
        using var monitor = new MonitorClient(address);
        try
        {
            await command(monitor);
            return 0;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (RpcException e)
        {
            throw new ClientFault(Describe(e, address), e);
        }
    }

    /// <summary>Asks again, for a while, where a monitor answers that it has not all it needs yet: it has just started.</summary>
    public static async Task<T> OnceReadyAsync<T>(Func<Task<T>> question, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await question();
            }
            catch (RpcException e) when (IsStarting(e) && time.GetElapsedTime(started) < _startTime)
            {
                await Task.Delay(_askAgainAfter, time, cancellation);
            }
        }
    }

    public void Dispose() => _channel.Dispose();

    // Nobody there shows as an exception of this process; "not yet" is the monitor's own answer.
    private static bool IsStarting(RpcException e) => e is { StatusCode: StatusCode.Unavailable, Status.DebugException: null };

    private static string Describe(RpcException e, Uri address) => e.StatusCode switch
    {
        StatusCode.Unavailable when IsStarting(e) =>
            $"the monitor at {address} is not ready: {e.Status.Detail.ReplaceLineEndings(" ").TrimEnd('.')}. Try again shortly.",
        StatusCode.Unavailable =>
            $"no monitor answers at {address} ({e.Status.Detail.ReplaceLineEndings(" ").TrimEnd('.')}). "
            + "Start one with './streams up', or name another with --monitor URL.",
        StatusCode.Unimplemented => $"what answers at {address} is no monitor, or an older one: {e.Status.Detail}",
        _ => $"the monitor at {address} answered {e.StatusCode}: {e.Status.Detail.ReplaceLineEndings(" ")}",
    };
}
