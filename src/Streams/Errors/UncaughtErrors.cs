using Kafka;

namespace Streams;

/// <summary>What happens to an application when one of its threads fails.</summary>
public enum UncaughtErrorResponse
{
    /// <summary>The thread's tasks are dropped and a new thread takes its place after a pause; records since the last commit are read again.</summary>
    ReplaceThread,

    /// <summary>All threads stop; the application's state is <see cref="KafkaStreamState.Error"/>.</summary>
    ShutdownClient,
}

/// <summary>Answers to a thread's failure.</summary>
public static class UncaughtErrors
{
    /// <summary>
    /// Replaces the thread where trying again can help (Kafka failed, a store could not be flushed, its files are damaged or open elsewhere), and shuts down where it cannot: the same
    /// record would fail the same way.
    /// </summary>
    public static UncaughtErrorResponse Default(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is StreamsException { IsWorthANewThread: true } or KafkaException { Kind: not KafkaErrorKind.Refused } or TimeoutException)
                return UncaughtErrorResponse.ReplaceThread;
        }

        return UncaughtErrorResponse.ShutdownClient;
    }
}
