using Fluentd;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Forwarding;

/// <summary>Keeps a connection to Fluentd and sends it what the buffer holds, until each chunk is acknowledged.</summary>
/// <remarks>
/// What was not acknowledged when a connection ends is sent again on the next one, under the same chunk and event ids: nothing is lost,
/// and what comes twice can be told by its <c>event_id</c>.
/// </remarks>
internal sealed partial class ForwardSender(
    FluentdOptions options,
    ForwardBuffer buffer,
    ForwardMetrics metrics,
    GatewayOptions gateway,
    ForwardServer server,
    TimeProvider time,
    Backoff backoff,
    ILogger<ForwardSender> logger) : BackgroundService
{
    private string _said = "";
    private bool _hasWorked;
    private bool _isDoubted;
    private volatile string? _trouble = $"The gateway has not reached Fluentd at {options.Server} yet; agents keep their logs until it does.";

    /// <summary>Why agents are not acknowledged; null while Fluentd is connected, and has not left the last connection's chunks unanswered.</summary>
    public string? Trouble => _trouble;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The server has stopped before: nothing comes any more, so what is here goes out or is given up.
        buffer.Flush();
        using var late = new CancellationTokenSource(gateway.DrainTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await buffer.WaitUntilEmptyAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            var left = buffer.Records;
            if (!options.IsRequired)
                metrics.Dropped((int)left);
            LeftBehind(options.Server, left, options.IsRequired ? "their agents send them again" : "they are in Kafka");
        }

        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var failures = 0;
        while (true)
        {
            var acknowledged = 0;
            try
            {
                await using var connection = await ForwardConnection.OpenAsync(server, time, stoppingToken).ConfigureAwait(false);
                Opened();
                await RunAsync(connection, () => acknowledged++, stoppingToken).ConfigureAwait(false);
            }
            catch (ForwardException e)
            {
                Failed(e.Message, acknowledged > 0, isLeftWaiting: buffer.OldestSentAt is not null);
            }
            finally
            {
                metrics.Connected(false);
                GiveUpOrRepeat();
            }

            // A connection that was of use is made anew at once: servers close them when they like.
            failures = acknowledged > 0 ? 0 : failures + 1;
            if (failures > 0)
                await Task.Delay(backoff.Pause(failures), time, stoppingToken).ConfigureAwait(false);
        }
    }

    // Both halves end together, with what ended the first of them.
    private async Task RunAsync(ForwardConnection connection, Action onAcknowledged, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var overdue = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var onOverdue = overdue.Token.Register(ended.Cancel);
        var sending = SendAsync(connection, overdue, ended.Token);
        var reading = ReadAsync(connection, overdue, onAcknowledged, ended.Token);
        var first = await Task.WhenAny(sending, reading).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        var second = first == sending ? reading : sending;
        await second.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);

        cancellation.ThrowIfCancellationRequested();
        if (overdue.IsCancellationRequested)
            throw new ForwardException($"Fluentd at {options.Server} did not acknowledge a chunk within {options.AcknowledgeTimeout}; it is sent again.");
        await first.ConfigureAwait(false);
    }

    private async Task SendAsync(ForwardConnection connection, CancellationTokenSource overdue, CancellationToken cancellation)
    {
        while (true)
        {
            var chunk = await buffer.NextAsync(cancellation).ConfigureAwait(false);
            Watch(overdue);
            await connection.SendAsync(chunk.Chunk.Message, cancellation).ConfigureAwait(false);
            buffer.Sent(chunk);
        }
    }

    private async Task ReadAsync(ForwardConnection connection, CancellationTokenSource overdue, Action onAcknowledged, CancellationToken cancellation)
    {
        while (await connection.ReadAckAsync(cancellation).ConfigureAwait(false) is { } id)
        {
            if (!buffer.TryAcknowledge(id, out var records, out var sentAt))
                throw new ForwardException($"Fluentd at {options.Server} acknowledged the chunk '{id}', which was not sent on this connection.");
            onAcknowledged();
            Working();
            metrics.Acknowledged(records, time.GetElapsedTime(sentAt));
            Watch(overdue);
        }

        throw new ForwardException($"Fluentd at {options.Server} closed the connection.");
    }

    private void Watch(CancellationTokenSource overdue)
    {
        var left = buffer.OldestSentAt is { } oldest ? options.AcknowledgeTimeout - time.GetElapsedTime(oldest) : Timeout.InfiniteTimeSpan;
        overdue.CancelAfter(left == Timeout.InfiniteTimeSpan || left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void GiveUpOrRepeat()
    {
        var (again, dropped) = buffer.TakeBack(chunk => !options.IsRequired && chunk.Attempts >= options.AttemptsMax);
        if (again > 0)
            metrics.SentAgain(again);
        if (dropped > 0)
        {
            metrics.Dropped(dropped);
            GaveUp(options.Server, dropped, options.AttemptsMax);
        }
    }

    private void Opened()
    {
        metrics.ConnectionOpened();
        metrics.Connected(true);

        // Whoever takes connections and acknowledges nothing is as good as away: only an acknowledgement shows the contrary.
        if (!_isDoubted)
            _trouble = null;
    }

    private void Working()
    {
        _trouble = null;
        if (_said.Length > 0 || !_hasWorked)
            Works(options.Server);
        (_said, _hasWorked, _isDoubted) = ("", true, false);
    }

    private void Failed(string reason, bool wasOfUse, bool isLeftWaiting)
    {
        metrics.ConnectionFailed();
        if (wasOfUse)
        {
            ConnectionEnded(reason);
            return;
        }

        _isDoubted |= isLeftWaiting;
        _trouble = $"{reason} Agents keep their logs until Fluentd takes them.";

        // Once for each cause: an outage of an hour is one line, not an hour of lines.
        if (_said != reason)
            DoesNotWork(_said = reason, options.IsRequired ? "Agents are not acknowledged until Fluentd takes their logs." : "What its buffer cannot hold is not forwarded; Kafka has it.");
    }

    [LoggerMessage(1, LogLevel.Information, "Fluentd at {Server} acknowledges what is forwarded to it.")]
    private partial void Works(string server);

    [LoggerMessage(2, LogLevel.Warning, "{Reason} {Consequence}")]
    private partial void DoesNotWork(string reason, string consequence);

    [LoggerMessage(3, LogLevel.Debug, "{Reason} It is made anew.")]
    private partial void ConnectionEnded(string reason);

    [LoggerMessage(4, LogLevel.Warning, "Fluentd at {Server} did not acknowledge {Records} records, sent {Attempts} times; they are in Kafka and are not sent again.")]
    private partial void GaveUp(string server, int records, int attempts);

    [LoggerMessage(5, LogLevel.Warning, "{Records} records for Fluentd at {Server} were not acknowledged when the gateway stopped; {Consequence}.")]
    private partial void LeftBehind(string server, long records, string consequence);
}
