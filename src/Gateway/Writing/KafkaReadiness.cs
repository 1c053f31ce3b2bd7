using Grpc.Core;
using Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Writing;

/// <summary>
/// Makes the topics, and knows whether Kafka answers: by the streams that write, and where none does, by a look now and then. While it does not, a
/// stream waits for it a little, so that a gateway and its agents can start together, and is then turned away with UNAVAILABLE.
/// </summary>
internal sealed partial class KafkaReadiness(
    ILogClient kafka, GatewayOptions options, GatewayMetrics metrics, TimeProvider time, ILogger<KafkaReadiness> logger) : BackgroundService
{
    // Between two looks.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _troubles = new(0);
    private volatile TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why no stream is let in; null while Kafka answers.</summary>
    public string? Trouble => _ready.Task.IsCompleted
        ? null
        : $"The gateway does not reach Kafka at {options.Kafka.BootstrapServers}; agents keep their logs until it does.";

    /// <summary>Lets a stream in once Kafka answers, at most <see cref="GatewayOptions.KafkaReadyWait"/> from now.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: Kafka did not answer in that time.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        try
        {
            await _ready.Task.WaitAsync(options.KafkaReadyWait, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new RpcException(new Status(
                StatusCode.Unavailable, $"The gateway does not reach Kafka at {options.Kafka.BootstrapServers}; try again, or another gateway."));
        }
    }

    /// <summary>A stream found that Kafka does not take its records: look again before the next one is let in.</summary>
    public void ReportTrouble()
    {
        var was = _ready;
        if (was.Task.IsCompleted
            && Interlocked.CompareExchange(ref _ready, new(TaskCreationOptions.RunContinuationsAsynchronously), was) == was)
        {
            metrics.KafkaReady(false);
            _troubles.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _troubles.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the thread that starts the host.
        await Task.Yield();
        using var admin = kafka.CreateAdmin();
        while (true)
        {
            await MakeTopicsAsync(admin, stoppingToken).ConfigureAwait(false);
            metrics.KafkaReady(true);
            _ready.SetResult();
            await UntilTroubleAsync(admin, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task UntilTroubleAsync(ILogAdmin admin, CancellationToken cancellation)
    {
        while (!await _troubles.WaitAsync(LookInterval, cancellation).ConfigureAwait(false))
        {
            try
            {
                await admin.PartitionCountAsync(options.Topics.Logs, cancellation).ConfigureAwait(false);
            }
            catch (KafkaException)
            {
                // Why is said where it is tried again.
                ReportTrouble();
            }
        }
    }

    private async Task MakeTopicsAsync(ILogAdmin admin, CancellationToken cancellation)
    {
        string? said = null;
        while (true)
        {
            try
            {
                await admin.CreateTopicsAsync(options.Topics.Specifications(), cancellation).ConfigureAwait(false);
                KafkaAnswers(options.Kafka.BootstrapServers, options.Topics.Logs, options.Topics.Heartbeats);
                return;
            }
            catch (KafkaException e)
            {
                // An outage of an hour is one line, not an hour of lines. Of one outage the words differ from try to try; what Kafka refuses is another matter.
                if (said is null || (e.Kind != KafkaErrorKind.Retriable && said != e.Message))
                    KafkaDoesNotAnswer(options.Kafka.BootstrapServers, said = e.Message);
            }

            await Task.Delay(options.KafkaRetryInterval, time, cancellation).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Kafka at {Servers} answers; logs go to topic {Logs}, heartbeats to {Heartbeats}.")]
    private partial void KafkaAnswers(string servers, string logs, string heartbeats);

    [LoggerMessage(2, LogLevel.Warning, "Kafka at {Servers} is not ready; agents are turned away and keep their logs until it is. {Reason}")]
    private partial void KafkaDoesNotAnswer(string servers, string reason);
}
