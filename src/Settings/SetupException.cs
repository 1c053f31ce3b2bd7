namespace Settings;

/// <summary>A part cannot start as it is configured: the message says what is wrong, where, and what to do.</summary>
/// <remarks>The command prints the message as one line and exits with 2. It carries no stack trace to the user.</remarks>
public sealed class SetupException : Exception
{
    /// <summary>Makes an error without text; prefer one that says what to do.</summary>
    public SetupException()
        : this("Cannot start as configured.")
    {
    }

    /// <summary>Makes an error that says what is wrong, where, and what to do.</summary>
    public SetupException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error that says what is wrong, where, and what to do, and keeps what the system said.</summary>
    public SetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
