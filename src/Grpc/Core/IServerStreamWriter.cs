namespace Grpc.Core;

/// <summary>A server's messages to its client. The stream ends when the handler returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;
