using System.Collections.Concurrent;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>How many partitions topics have, asked of the brokers and remembered.</summary>
/// <remarks>Thread-safe. One entry for each topic asked for that exists; entries are refreshed in the background once they are old.</remarks>
internal sealed class PartitionCounts(Func<string, TimeSpan, Rd.Metadata> askBrokers, ClientLog log, TimeProvider time)
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // Short: closing the client waits for a look-up that is under way.
    private static readonly TimeSpan PrefetchTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Entry> _counts = new();

    /// <summary>The number of partitions.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or no broker answered in time.</exception>
    public int Get(string topic)
    {
        if (_counts.TryGetValue(topic, out var entry))
        {
            if (time.GetElapsedTime(entry.At) > AgeMax && entry.BeginRefresh())
                _ = BlockingCalls.RunAsync(() => Refresh(topic, entry));
            return entry.Count;
        }

        return Learn(topic, AnswerTimeout)
            ?? throw new KafkaException(KafkaErrorKind.Refused, (int)Rd.ErrorCode.UnknownTopicOrPart, $"Topic {topic} does not exist on {log.Servers}. Create it, or check the name.");
    }

    /// <summary>Asks in the background, so that the first record of a topic does not wait for librdkafka's own look, once a second.</summary>
    public void Prefetch(string topic)
    {
        if (_counts.ContainsKey(topic))
            return;

        _ = BlockingCalls.RunAsync(() =>
        {
            try
            {
                Learn(topic, PrefetchTimeout);
            }
            catch (Exception e) when (e is KafkaException or ObjectDisposedException)
            {
                // Only an attempt: whoever needs the answer asks for it, and hears what is wrong.
            }
        });
    }

    /// <summary>Asks the brokers; null where the topic does not exist.</summary>
    public static int? Ask(Func<string, TimeSpan, Rd.Metadata> askBrokers, string topic, ClientLog log) => Ask(askBrokers, topic, log, AnswerTimeout);

    private static int? Ask(Func<string, TimeSpan, Rd.Metadata> askBrokers, string topic, ClientLog log, TimeSpan timeout)
    {
        try
        {
            var found = askBrokers(topic, timeout).Topics.Find(t => t.Topic == topic);
            return found switch
            {
                null => null,
                { Error.Code: Rd.ErrorCode.UnknownTopicOrPart } => null,
                { Error.IsError: true } => throw KafkaErrors.From(found.Error, $"The partitions of topic {topic} are not known", log.LastTrouble),
                _ => found.Partitions.Count,
            };
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Kafka at {log.Servers} did not say how many partitions topic {topic} has", log.LastTrouble, e);
        }
    }

    private int? Learn(string topic, TimeSpan timeout)
    {
        var count = Ask(askBrokers, topic, log, timeout);
        if (count is { } known)
            _counts[topic] = new Entry(known, time.GetTimestamp());
        return count;
    }

    private void Refresh(string topic, Entry old)
    {
        try
        {
            // A topic that is gone keeps its count: producing to it says what is wrong.
            _counts[topic] = new Entry(Ask(askBrokers, topic, log) ?? old.Count, time.GetTimestamp());
        }
        catch (KafkaException e)
        {
            log.CountNotRefreshed(topic, old.Count, e.Message);
            _counts[topic] = new Entry(old.Count, time.GetTimestamp());
        }
        catch (ObjectDisposedException)
        {
            // The producer was closed meanwhile; nobody asks again.
        }
    }

    private sealed class Entry(int count, long at)
    {
        private int _refreshing;

        public int Count => count;

        public long At => at;

        public bool BeginRefresh() => Interlocked.Exchange(ref _refreshing, 1) == 0;
    }
}
