using Streams.Contracts.V1;

namespace Monitor.Live;

/// <summary>What can be watched live.</summary>
internal sealed class LiveFeeds(QueryOptions options)
{
    public LiveFeed<LogRecord> Logs { get; } = new(options.SubscriberBufferRecords, options.SubscribersMax);

    public LiveFeed<NodeEvent> NodeEvents { get; } = new(options.SubscriberBufferRecords, options.SubscribersMax);

    public LiveFeed<Alert> Alerts { get; } = new(options.SubscriberBufferRecords, options.SubscribersMax);
}
