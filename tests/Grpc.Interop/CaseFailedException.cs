namespace Grpc.Interop;

/// <summary>A case saw something else than it must see.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
