namespace Streams;

/// <summary>Which of a table's changes are held back, and until when.</summary>
public sealed record Suppressed
{
    private Suppressed(TimeSpan? wait, BufferConfig buffer) => (Wait, Buffer) = (wait, buffer);

    /// <summary>The node's name, from which the buffer's is made; null for generated ones.</summary>
    public string? Name { get; init; }

    // Null until the window closes.
    internal TimeSpan? Wait { get; }

    internal BufferConfig Buffer { get; }

    /// <summary>
    /// Holds each window's result back until the window has closed, and sends it once: for tables with windowed keys. Results of nothing are
    /// not sent.
    /// </summary>
    /// <param name="buffer">Where results wait. It cannot emit early: a result before the window closes would not be final.</param>
    public static Suppressed UntilWindowCloses(StrictBufferConfig buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return new(null, buffer);
    }

    /// <summary>Holds a key's changes back until <paramref name="wait"/> of stream time after the first of them, and sends the latest.</summary>
    /// <param name="wait">Zero or more. Zero sends each at once.</param>
    /// <param name="buffer">Where changes wait, and what happens when it is full.</param>
    public static Suppressed UntilTimeLimit(TimeSpan wait, BufferConfig buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(buffer);
        return new(wait, buffer);
    }

    /// <summary>The same, with a name for the node; the buffer's is <c>NAME-store</c>.</summary>
    public Suppressed WithName(string name) => this with { Name = name };
}
