using Streams.Processing;

namespace Streams;

/// <summary>What a processor can reach: its children, its stores, the times of its task, punctuations.</summary>
public sealed class ProcessorContext<TKeyOut, TValueOut> : ProcessingContext
{
    private readonly IForwarder<TKeyOut, TValueOut> _node;

    internal ProcessorContext(TaskContext task, IForwarder<TKeyOut, TValueOut> node, IReadOnlySet<string> stores)
        : base(task, node.Name, stores)
    {
        _node = node;
    }

    /// <summary>Sends a record to every child.</summary>
    public void Forward(in Record<TKeyOut, TValueOut> record)
    {
        var own = Task.Timestamp;
        _node.Forward(in record);
        Task.Timestamp = own;
    }

    /// <summary>Sends a record to the child called <paramref name="child"/> alone.</summary>
    /// <exception cref="StreamsException">No child has that name.</exception>
    public void Forward(in Record<TKeyOut, TValueOut> record, string child)
    {
        var own = Task.Timestamp;
        _node.Forward(in record, child);
        Task.Timestamp = own;
    }
}

/// <summary>A node whose processor forwards when it likes.</summary>
internal interface IForwarder<TKey, TValue>
{
    string Name { get; }

    void Forward(in Record<TKey, TValue> record);

    void Forward(in Record<TKey, TValue> record, string child);
}

internal static class TypeName
{
    /// <summary>A type as C# writes it: <c>IKeyValueStore&lt;String, Int64&gt;</c>.</summary>
    public static string Of(Type type)
    {
        if (!type.IsGenericType)
            return type.Name;

        var name = type.Name;
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }
}
