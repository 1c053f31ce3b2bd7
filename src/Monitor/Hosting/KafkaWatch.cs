using Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Monitor.Hosting;

/// <summary>Knows whether Kafka answers, by a look now and then: a topology that waits for records looks the same while Kafka is away.</summary>
internal sealed partial class KafkaWatch(ILogClient client, MonitorOptions options, TimeProvider time, ILogger<KafkaWatch> logger) : BackgroundService
{
    // Between two looks; one at a Kafka that does not answer takes ten seconds by itself.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private volatile string? _trouble;

    /// <summary>Why nothing comes in; null while Kafka answers.</summary>
    public string? Trouble => _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the thread that starts the host.
        await Task.Yield();
        using var admin = client.CreateAdmin();
        while (true)
        {
            await LookAsync(admin, stoppingToken).ConfigureAwait(false);
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(ILogAdmin admin, CancellationToken cancellation)
    {
        try
        {
            await admin.PartitionCountAsync(options.Topics.Heartbeats, cancellation).ConfigureAwait(false);
            if (_trouble is not null)
                Answers(options.Kafka.BootstrapServers);
            _trouble = null;
        }
        catch (KafkaException error)
        {
            // Once for an outage: what differs from one try to the next is how it was found out.
            if (_trouble is null)
                DoesNotAnswer(options.Kafka.BootstrapServers, error.Message);
            _trouble = $"The monitor does not reach Kafka at {options.Kafka.BootstrapServers}; what was acknowledged waits there. {error.Message}";
        }
    }

    [LoggerMessage(32, LogLevel.Information, "Kafka at {Servers} answers again.")]
    private partial void Answers(string servers);

    [LoggerMessage(33, LogLevel.Warning, "Kafka at {Servers} does not answer; nothing is judged or stored until it does. {Reason}")]
    private partial void DoesNotAnswer(string servers, string reason);
}
