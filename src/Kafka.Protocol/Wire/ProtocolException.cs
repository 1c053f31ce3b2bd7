namespace Kafka.Protocol;

/// <summary>
/// Bytes that break the Kafka protocol, or a message that cannot be said in the version asked for.
/// A server closes the connection: what follows a malformed frame cannot be trusted.
/// </summary>
public sealed class ProtocolException : FormatException
{
    /// <summary>An error without further words.</summary>
    public ProtocolException()
        : base("The bytes do not follow the Kafka protocol.")
    {
    }

    /// <summary>An error that says what was wrong and where.</summary>
    public ProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public ProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
