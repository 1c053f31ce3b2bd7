namespace Kafka;

/// <summary>What to do about a Kafka error.</summary>
public enum KafkaErrorKind
{
    /// <summary>May pass by itself: no broker reachable, a time-out, a leader or coordinator on the move. Try again.</summary>
    Retriable,

    /// <summary>This record or request can never be accepted (too large, unknown topic, not allowed). Others can.</summary>
    Refused,

    /// <summary>Another instance has taken this one's place: a fenced producer, a lost group membership.</summary>
    Fenced,

    /// <summary>The open transaction must be aborted; after that the producer works on.</summary>
    Abortable,

    /// <summary>The client is beyond use and must be made anew.</summary>
    Fatal,
}

/// <summary>Kafka, or the way to it, said no. The message names broker, topic and partition where they are known.</summary>
public sealed class KafkaException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="kind">What to do about it.</param>
    /// <param name="code">Kafka's error code; negative for errors of the client's own.</param>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public KafkaException(KafkaErrorKind kind, int code, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Code = code;
    }

    /// <summary>What to do about it.</summary>
    public KafkaErrorKind Kind { get; }

    /// <summary>Kafka's error code (https://kafka.apache.org/protocol#protocol_error_codes); negative for errors of the client's own.</summary>
    public int Code { get; }
}
