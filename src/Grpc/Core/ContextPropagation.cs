namespace Grpc.Core;

/// <summary>A call's deadline and cancellation, on their way to a call that its handler makes.</summary>
public abstract class ContextPropagationToken
{
    private protected ContextPropagationToken()
    {
    }
}

/// <summary>What a <see cref="ContextPropagationToken"/> carries over.</summary>
public class ContextPropagationOptions
{
    /// <summary>Both deadline and cancellation.</summary>
    public static readonly ContextPropagationOptions Default = new();

    /// <summary>Chooses what is carried over.</summary>
    public ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true) =>
        (IsPropagateDeadline, IsPropagateCancellation) = (propagateDeadline, propagateCancellation);

    /// <summary>True where the deadline is carried over.</summary>
    public bool IsPropagateDeadline { get; }

    /// <summary>True where cancellation is carried over.</summary>
    public bool IsPropagateCancellation { get; }
}
