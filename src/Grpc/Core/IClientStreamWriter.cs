namespace Grpc.Core;

/// <summary>A client's messages to its server.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Says that no message follows. The server's answers still come.</summary>
    Task CompleteAsync();
}
