using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Topics, through Confluent.Kafka's admin client.</summary>
internal sealed class ConfluentAdmin(KafkaSettings kafka, ClientLog log, TimeProvider time) : ILogAdmin
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan VisibleLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan VisiblePause = TimeSpan.FromMilliseconds(20);

    private readonly Rd.IAdminClient _admin = new Rd.AdminClientBuilder(Config(kafka))
        .SetLogHandler((_, line) => log.OnLog(line))
        .SetErrorHandler((_, error) => log.OnError(error))
        .Build();

    /// <inheritdoc/>
    public async Task CreateTopicsAsync(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(topics);
        if (topics.Count == 0)
            return;

        var wanted = topics.Select(t => new Rd.Admin.TopicSpecification
        {
            Name = t.Name,
            NumPartitions = t.Partitions,
            ReplicationFactor = t.ReplicationFactor,
            Configs = new Dictionary<string, string>(t.Configs),
        });
        var options = new Rd.Admin.CreateTopicsOptions { RequestTimeout = AnswerTimeout, OperationTimeout = AnswerTimeout };
        try
        {
            await _admin.CreateTopicsAsync(wanted, options).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Rd.Admin.CreateTopicsException e)
        {
            var failed = e.Results.Find(r => r.Error.IsError && r.Error.Code != Rd.ErrorCode.TopicAlreadyExists);
            if (failed is not null)
                throw KafkaErrors.From(failed.Error, $"Topic {failed.Topic} could not be created on {log.Servers}", log.LastTrouble, e);
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Topics could not be created on {log.Servers}", log.LastTrouble, e);
        }

        // The broker that answers metadata hears of a new topic a moment after the one that made it.
        var start = time.GetTimestamp();
        foreach (var topic in topics)
        {
            while (await PartitionCountAsync(topic.Name, cancellation).ConfigureAwait(false) is null or 0)
            {
                if (time.GetElapsedTime(start) > VisibleLimit)
                    throw new KafkaException(KafkaErrorKind.Retriable, (int)Rd.ErrorCode.LeaderNotAvailable, $"Topic {topic.Name} was created on {log.Servers} but is not visible after {VisibleLimit}.");
                await Task.Delay(VisiblePause, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async Task DeleteTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(topics);
        if (topics.Count == 0)
            return;

        var options = new Rd.Admin.DeleteTopicsOptions { RequestTimeout = AnswerTimeout, OperationTimeout = AnswerTimeout };
        try
        {
            await _admin.DeleteTopicsAsync(topics, options).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Rd.Admin.DeleteTopicsException e)
        {
            var failed = e.Results.Find(r => r.Error.IsError && r.Error.Code != Rd.ErrorCode.UnknownTopicOrPart);
            if (failed is not null)
                throw KafkaErrors.From(failed.Error, $"Topic {failed.Topic} could not be deleted on {log.Servers}", log.LastTrouble, e);
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Topics could not be deleted on {log.Servers}", log.LastTrouble, e);
        }
    }

    /// <inheritdoc/>
    public Task<int?> PartitionCountAsync(string topic, CancellationToken cancellation) =>
        BlockingCalls.RunAsync(() => PartitionCounts.Ask(_admin.GetMetadata, topic, log), cancellation).WaitAsync(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, int>> ListTopicsAsync(CancellationToken cancellation) =>
        BlockingCalls.RunAsync(ListTopics, cancellation).WaitAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => _admin.Dispose();

    private IReadOnlyDictionary<string, int> ListTopics()
    {
        try
        {
            return _admin.GetMetadata(AnswerTimeout).Topics.ToDictionary(t => t.Topic, t => t.Partitions.Count);
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Kafka at {log.Servers} did not list its topics", log.LastTrouble, e);
        }
    }

    // An admin client is a producer to librdkafka, and a producer's look-ups create topics unless told otherwise.
    private static Rd.ClientConfig Config(KafkaSettings kafka)
    {
        var config = ClientConfig.Admin(kafka);
        config.Set("allow.auto.create.topics", "false");
        return config;
    }
}
