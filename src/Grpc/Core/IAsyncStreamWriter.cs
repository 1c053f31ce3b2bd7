namespace Grpc.Core;

/// <summary>Sends messages. One write at a time.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the coming messages are written. Null means <see cref="WriteOptions.Default"/>.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Sends a message, and completes once there is room for the next.</summary>
    Task WriteAsync(T message);

    /// <summary>Sends a message. Cancelling it cancels the call.</summary>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            throw new NotSupportedException($"{GetType()} cannot cancel a write.");
        return WriteAsync(message);
    }
}
