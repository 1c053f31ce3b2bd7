namespace Grpc.Core;

/// <summary>A served call's deadline and cancellation, for the calls that its handler makes.</summary>
internal sealed class CallPropagationToken(DateTime deadline, CancellationToken cancellation, ContextPropagationOptions options)
    : ContextPropagationToken
{
    /// <summary>The parent's deadline; <see cref="DateTime.MaxValue"/> where it has none or keeps it.</summary>
    public DateTime Deadline { get; } = options.IsPropagateDeadline ? deadline : DateTime.MaxValue;

    /// <summary>The parent's cancellation; none where it keeps it.</summary>
    public CancellationToken CancellationToken { get; } = options.IsPropagateCancellation ? cancellation : default;
}
