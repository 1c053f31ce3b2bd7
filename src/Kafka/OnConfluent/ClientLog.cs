using Microsoft.Extensions.Logging;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Carries librdkafka's log into ours, and remembers the last trouble with the brokers for error messages.</summary>
internal sealed partial class ClientLog(ILogger logger, string part, string servers, SaidTroubles said)
{
    private volatile string? _trouble;

    /// <summary>The brokers that the client was told of.</summary>
    public string Servers => servers;

    /// <summary>What last went wrong on the way to a broker; empty where nothing did. Reads on from a sentence's end.</summary>
    public string LastTrouble => _trouble is { } trouble ? $" Last seen: {trouble}." : "";

    /// <summary>librdkafka logged a line. Called on its threads.</summary>
    public void OnLog(Rd.LogMessage line)
    {
        // What librdkafka calls an error is a connection that it tries again: the caller hears of what failed for good.
        var level = line.Level switch
        {
            _ when line.Facility == "CONFWARN" => LogLevel.Debug, // about settings that are chosen here on purpose
            _ when line.Facility is "FAIL" or "ERROR" => LogLevel.Debug, // OnError hears the same
            <= Rd.SyslogLevel.Warning => LogLevel.Warning,
            Rd.SyslogLevel.Notice or Rd.SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        ClientSays(level, part, line.Facility, line.Message);
    }

    /// <summary>librdkafka met an error. Called on the thread that polls.</summary>
    public void OnError(Rd.Error error)
    {
        var trouble = WithoutCounts(error.Reason);
        if (error.IsFatal)
        {
            _trouble = trouble;
            ClientFailed(part, servers, error.Reason);
        }
        else if (error.Code == Rd.ErrorCode.Local_AllBrokersDown)
        {
            // What follows from what was said of each of them.
            _trouble ??= trouble;
        }
        else
        {
            _trouble = trouble;
            if (said.IsNews(trouble))
                ClientTroubled(part, servers, trouble);
        }
    }

    // "… failed: Connection refused (after 0ms in state CONNECT, 33 identical error(s) suppressed)": the same trouble in other words each time.
    private static string WithoutCounts(string reason) =>
        reason.IndexOf(" (after ", StringComparison.Ordinal) is var counts and >= 0 ? reason[..counts] : reason;

    [LoggerMessage(1, LogLevel.Error, "The Kafka {Part} for {Servers} failed for good: {Reason}")]
    private partial void ClientFailed(string part, string servers, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The Kafka {Part} for {Servers} is in trouble and keeps trying: {Reason}")]
    private partial void ClientTroubled(string part, string servers, string reason);

    [LoggerMessage(EventId = 3, Message = "The Kafka {Part} says ({Facility}): {Line}")]
    private partial void ClientSays(LogLevel level, string part, string facility, string line);

    /// <summary>A topic that is read does not exist (yet).</summary>
    [LoggerMessage(4, LogLevel.Warning, "The Kafka consumer is waiting for a topic: {Reason}")]
    public partial void TopicMissing(string reason);

    /// <summary>The owner paused too long between two polls.</summary>
    [LoggerMessage(5, LogLevel.Warning, "The Kafka consumer of group {Group} lost its place: {Reason} It joins again at the next poll.")]
    public partial void PolledTooLate(string? group, string reason);

    /// <summary>Something passed by itself.</summary>
    [LoggerMessage(6, LogLevel.Information, "The Kafka {Operation} is tried again: {Reason}")]
    public partial void Retrying(string operation, string reason);

    /// <summary>Closing took too long.</summary>
    [LoggerMessage(7, LogLevel.Warning, "The Kafka {Part} did not close within {Limit}; it is left to finish by itself.")]
    public partial void SlowToClose(string part, TimeSpan limit);

    /// <summary>Records were given up at the end.</summary>
    [LoggerMessage(8, LogLevel.Warning, "The Kafka producer closed with {Count} records that Kafka did not acknowledge within {Limit}; they count as failed.")]
    public partial void GaveUp(int count, TimeSpan limit);

    /// <summary>A topic's partition count could not be refreshed.</summary>
    [LoggerMessage(9, LogLevel.Warning, "The partition count of topic {Topic} could not be refreshed; {Count} is used on. {Reason}")]
    public partial void CountNotRefreshed(string topic, int count, string reason);
}
