namespace Streams;

/// <summary>A store cannot be asked now: it is being restored, or its partition is moving. Ask again later.</summary>
public sealed class StoreNotReadyException : StreamsException
{
    internal StoreNotReadyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
