using Grpc.Core;
using LoadScenarios.Targets;
using Streams.Contracts.V1;

namespace LoadScenarios.Heartbeats;

/// <summary>One <c>ReportHeartbeats</c> stream: heartbeats in, acknowledgements out, in order. One caller sends at a time.</summary>
internal sealed class HeartbeatCall : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly AsyncDuplexStreamingCall<Heartbeat, HeartbeatAck> _call;
    private readonly Lock _lock = new();
    private readonly Queue<(ulong Sequence, TaskCompletionSource Answer)> _waiting = [];
    private Status? _failure;

    public HeartbeatCall(Ingest.IngestClient client, Target gateway)
    {
        _call = client.ReportHeartbeats(gateway.Call(_ended.Token));
        _ = ReceiveAsync();
    }

    public bool HasEnded
    {
        get
        {
            lock (_lock)
                return _failure is not null;
        }
    }

    /// <summary>Sends a heartbeat.</summary>
    /// <returns>What completes when it is acknowledged, or fails with the stream.</returns>
    public async Task<Task> SendAsync(Heartbeat heartbeat)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_failure is { } status)
                throw new RpcException(status);
            _waiting.Enqueue((heartbeat.Position.Sequence, answer));
        }

        try
        {
            await _call.RequestStream.WriteAsync(heartbeat).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Why a stream ended is said where its answers are read, and there all that wait are told.
        }

        return answer.Task;
    }

    /// <summary>Ends the stream; all that wait for it fail.</summary>
    public void End(Status why)
    {
        Fail(why);
        _ended.Cancel();
    }

    public void Dispose()
    {
        End(new Status(StatusCode.Cancelled, "The load test closed the stream."));
        _call.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(_ended.Token).ConfigureAwait(false))
                Acknowledge(_call.ResponseStream.Current.Sequence);
            Fail(new Status(StatusCode.Unavailable, "The gateway ended the stream."));
        }
        catch (RpcException e)
        {
            Fail(e.Status);
        }
    }

    private void Acknowledge(ulong sequence)
    {
        while (true)
        {
            TaskCompletionSource answer;
            lock (_lock)
            {
                if (!_waiting.TryPeek(out var oldest) || oldest.Sequence > sequence)
                    return;
                answer = _waiting.Dequeue().Answer;
            }

            answer.TrySetResult();
        }
    }

    private void Fail(Status status)
    {
        (ulong, TaskCompletionSource Answer)[] lost;
        lock (_lock)
        {
            status = _failure ??= status;
            lost = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var (_, answer) in lost)
            answer.TrySetException(new RpcException(status));
    }
}
