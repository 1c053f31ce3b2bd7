namespace Grpc.Core.Utils;

/// <summary>Checks of arguments and state, as older code for gRPC writes them.</summary>
public static class GrpcPreconditions
{
    /// <summary>Throws where the condition does not hold.</summary>
    /// <exception cref="ArgumentException">It does not hold.</exception>
    public static void CheckArgument(bool condition)
    {
        if (!condition)
            throw new ArgumentException("");
    }

    /// <summary>Throws, with a message, where the condition does not hold.</summary>
    /// <exception cref="ArgumentException">It does not hold.</exception>
    public static void CheckArgument(bool condition, string errorMessage)
    {
        if (!condition)
            throw new ArgumentException(errorMessage);
    }

    /// <summary>Gives back what is not null.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static T CheckNotNull<T>(T reference) => CheckNotNull(reference, "");

    /// <summary>Gives back what is not null.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static T CheckNotNull<T>(T reference, string paramName) =>
        reference is null ? throw new ArgumentNullException(paramName) : reference;

    /// <summary>Throws where the object is in another state.</summary>
    /// <exception cref="InvalidOperationException">The condition does not hold.</exception>
    public static void CheckState(bool condition)
    {
        if (!condition)
            throw new InvalidOperationException();
    }

    /// <summary>Throws, with a message, where the object is in another state.</summary>
    /// <exception cref="InvalidOperationException">The condition does not hold.</exception>
    public static void CheckState(bool condition, string errorMessage)
    {
        if (!condition)
            throw new InvalidOperationException(errorMessage);
    }
}
