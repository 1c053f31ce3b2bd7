namespace Streams;

/// <summary>The engine cannot go on; the message says what, where, and what to do.</summary>
public class StreamsException : Exception
{
    /// <summary>Makes the error.</summary>
    public StreamsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Whether a new thread that opens its tasks again may do better, by default.</summary>
    internal virtual bool IsWorthANewThread => false;
}

/// <summary>A topology that cannot work. Thrown while it is built, when an application or a driver takes it, or when its tasks are opened; never for a record.</summary>
public sealed class TopologyException(string message) : StreamsException(message);
