using System.Collections.Concurrent;
using Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitor.Nodes;

namespace Monitor.Pipeline;

/// <summary>Compares what Kafka holds of the heartbeats with what the topology has committed.</summary>
/// <remarks>
/// The end of each partition is asked for, with the time of asking; when the group's committed offset has reached that end, everything that was
/// there at that time has been taken. Where Kafka does not answer, or the topology does not commit, the time stands still, and nobody is
/// judged.
/// </remarks>
internal sealed partial class PartitionProgress(MonitorOptions options, ILogClient client, TimeProvider time, ILogger<PartitionProgress> logger)
    : BackgroundService, IEvidence
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private const int UnansweredBeforeWarning = 10;

    private readonly ConcurrentDictionary<int, long> _completeAsOf = new();
    private readonly Dictionary<int, (long End, long At)> _open = [];

    public long? CompleteAsOf(int partition) => _completeAsOf.TryGetValue(partition, out var at) ? at : null;

    // The client's calls block, so the loop has no await either: after one it would go on on a thread of the pool.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => OwnThread.RunAsync(() =>
    {
        try
        {
            Run(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    });

    private void Run(CancellationToken cancellation)
    {
        // Asks for the group's offsets and never joins it.
        using var consumer = client.CreateConsumer(new() { GroupId = options.ApplicationId });
        using var admin = client.CreateAdmin();
        using var timer = new PeriodicTimer(Pace, time);
        var unanswered = 0;
        IReadOnlyList<TopicPartition> partitions = [];
        while (timer.WaitForNextTickAsync(cancellation).AsTask().GetAwaiter().GetResult())
        {
            try
            {
                if (partitions.Count == 0)
                {
                    var count = admin.PartitionCountAsync(options.Topics.Heartbeats, cancellation).GetAwaiter().GetResult() ?? 0;
                    partitions = [.. Enumerable.Range(0, count).Select(p => new TopicPartition(options.Topics.Heartbeats, p))];
                }

                Look(consumer, partitions);
                unanswered = 0;
            }
            catch (KafkaException error)
            {
                // At a start the group's coordinator takes a moment to be found; that is no news.
                if (++unanswered == UnansweredBeforeWarning)
                    NoAnswer(error.Message);
            }
        }
    }

    private void Look(ILogConsumer consumer, IReadOnlyList<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return;

        var committed = consumer.Committed(partitions, AnswerLimit).ToDictionary(c => c.TopicPartition.Partition, c => c.Offset);
        foreach (var partition in partitions)
        {
            var number = partition.Partition;
            if (_open.TryGetValue(number, out var open) && committed.TryGetValue(number, out var offset) && offset >= open.End)
            {
                _completeAsOf[number] = open.At;
                _open.Remove(number);
            }

            if (_open.ContainsKey(number))
                continue;

            var at = time.GetUtcNow().ToUnixTimeMilliseconds();
            var (start, end) = consumer.Watermarks(partition, AnswerLimit);
            if (start == end)
                _completeAsOf[number] = at;
            else
                _open[number] = (end, at);
        }
    }

    [LoggerMessage(20, LogLevel.Warning,
        "Kafka does not say how many heartbeats it holds ({Reason}). No node is judged until it does.")]
    private partial void NoAnswer(string reason);
}
