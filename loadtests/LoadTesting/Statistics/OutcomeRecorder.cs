namespace LoadTesting.Statistics;

/// <summary>Counts what ended one way. Not for several threads at once: its owner holds a lock.</summary>
internal sealed class OutcomeRecorder(bool isError)
{
    /// <summary>Statuses kept apart; further ones are counted under <see cref="OtherStatus"/>, so that a status with an identifier in it eats no memory.</summary>
    public const int StatusesMax = 64;

    /// <summary>Letters of a message that are kept.</summary>
    public const int MessageCharsMax = 300;

    public const string OtherStatus = "other";

    private readonly LatencyHistogram _latency = new();
    private readonly Dictionary<string, StatusCount> _statuses = [];
    private long _bytes;

    public long Count { get; private set; }

    public long Bytes => _bytes;

    /// <summary>Counts one.</summary>
    /// <param name="statusCode">Its status.</param>
    /// <param name="message">Its message.</param>
    /// <param name="bytes">What it transferred.</param>
    /// <param name="latency">How long it took; null where it was never begun.</param>
    /// <param name="count">How many of it there are.</param>
    public void Record(string statusCode, string message, long bytes, TimeSpan? latency, long count = 1)
    {
        Count += count;
        _bytes += bytes;
        if (latency is { } took)
            _latency.Record(took);
        if (!_statuses.TryGetValue(statusCode, out var status))
        {
            if (_statuses.Count >= StatusesMax)
                statusCode = OtherStatus;
            if (!_statuses.TryGetValue(statusCode, out status))
                _statuses.Add(statusCode, status = new StatusCount());
        }

        status.Count += count;
        if (status.Message.Length == 0)
            status.Message = message.Length <= MessageCharsMax ? message : message[..MessageCharsMax] + "…";
    }

    public OutcomeStats Read(long ofAll, TimeSpan duration) => new()
    {
        Request = new RequestStats(Count, Percent(Count, ofAll), PerSecond(Count, duration)),
        Latency = _latency.Read(),
        Data = new DataStats(_bytes, PerSecond(_bytes, duration)),
        StatusCodes =
        [
            .. _statuses
                .Select(status => new StatusCodeStats(status.Key, isError, status.Value.Count, Percent(status.Value.Count, ofAll), status.Value.Message))
                .OrderByDescending(status => status.Count)
                .ThenBy(status => status.StatusCode, StringComparer.Ordinal),
        ],
    };

    private static double Percent(long count, long ofAll) => ofAll == 0 ? 0 : Math.Round(100.0 * count / ofAll, 4);

    private static double PerSecond(double amount, TimeSpan duration) => duration <= TimeSpan.Zero ? 0 : Math.Round(amount / duration.TotalSeconds, 2);

    private sealed class StatusCount
    {
        public long Count { get; set; }

        public string Message { get; set; } = "";
    }
}
