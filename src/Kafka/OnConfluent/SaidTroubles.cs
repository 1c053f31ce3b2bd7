namespace Kafka.OnConfluent;

/// <summary>
/// Which troubles with the brokers were told of lately, by any client of one cluster. librdkafka repeats them for as long as they last, and each
/// client that is made meanwhile begins anew: an outage of an hour is to be a line, not an hour of lines.
/// </summary>
internal sealed class SaidTroubles(TimeProvider time)
{
    // Troubles name brokers; of more than any cluster has, the rest is said each time.
    private const int RememberedMax = 256;

    // librdkafka repeats what is the same once in half a minute.
    private static readonly TimeSpan Over = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether a trouble is new, or was over for a while.</summary>
    public bool IsNews(string trouble)
    {
        lock (_lock)
        {
            var isNews = !_seen.TryGetValue(trouble, out var last) || time.GetElapsedTime(last) > Over;
            if (_seen.Count < RememberedMax || _seen.ContainsKey(trouble))
                _seen[trouble] = time.GetTimestamp();
            return isNews;
        }
    }
}
