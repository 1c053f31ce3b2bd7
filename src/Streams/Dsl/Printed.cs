namespace Streams;

/// <summary>How a stream is printed.</summary>
/// <remarks>Writers are shared by all tasks of an application: their lines do not mix.</remarks>
public sealed record Printed<TKey, TValue>
{
    internal Printed(TextWriter writer) => Writer = TextWriter.Synchronized(writer);

    /// <summary>The node's name; null for a generated one.</summary>
    public string? Name { get; init; }

    /// <summary>What stands in brackets before each record; null for the name of the node that is printed.</summary>
    public string? Label { get; init; }

    /// <summary>Makes the text of a record; null for <c>key, value</c>.</summary>
    public Func<TKey, TValue, string>? Mapper { get; init; }

    internal TextWriter Writer { get; }

    /// <summary>The same, with a name for the node.</summary>
    public Printed<TKey, TValue> WithName(string name) => this with { Name = name };

    /// <summary>The same, with this in brackets before each record.</summary>
    public Printed<TKey, TValue> WithLabel(string label) => this with { Label = label };

    /// <summary>The same, with the text that <paramref name="mapper"/> makes of each record.</summary>
    public Printed<TKey, TValue> WithKeyValueMapper(Func<TKey, TValue, string> mapper) => this with { Mapper = mapper };
}

/// <summary>Where a stream is printed to.</summary>
public static class Printed
{
    /// <summary>To the standard output.</summary>
    public static Printed<TKey, TValue> ToConsole<TKey, TValue>() => new(Console.Out);

    /// <summary>To <paramref name="writer"/>, which is flushed after each record and stays open: it is its owner's to close, after the application.</summary>
    public static Printed<TKey, TValue> To<TKey, TValue>(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return new(writer);
    }
}
