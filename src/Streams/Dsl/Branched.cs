namespace Streams;

/// <summary>One branch of a split stream: its name, and what is done with it (KIP-418).</summary>
public sealed class Branched<TKey, TValue>
{
    internal Branched(string? name, Func<KStream<TKey, TValue>, KStream<TKey, TValue>?>? use) => (Name, Use) = (name, use);

    /// <summary>The branch's name, appended to the split's; null for its number, from 1 (0 for the default branch).</summary>
    public string? Name { get; }

    /// <summary>Gives the stream that stands for the branch in the split's result, null where it is used up; null for the branch itself.</summary>
    internal Func<KStream<TKey, TValue>, KStream<TKey, TValue>?>? Use { get; }
}

/// <summary>How a branch of a split stream is called, and what is done with it.</summary>
public static class Branched
{
    /// <summary>A branch of this name, to be found in the split's result.</summary>
    public static Branched<TKey, TValue> As<TKey, TValue>(string name) => new(name, null);

    /// <summary>A branch that <paramref name="function"/> makes another stream of, which is found in the split's result in its place; not where it returns null.</summary>
    /// <param name="function">Goes on with the branch.</param>
    /// <param name="name">The branch's name, appended to the split's; null for its number.</param>
    public static Branched<TKey, TValue> WithFunction<TKey, TValue>(Func<KStream<TKey, TValue>, KStream<TKey, TValue>?> function, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, function);
    }

    /// <summary>A branch that <paramref name="consumer"/> uses up: it is not in the split's result.</summary>
    /// <param name="consumer">Does what is to be done with the branch.</param>
    /// <param name="name">The branch's name, appended to the split's; null for its number.</param>
    public static Branched<TKey, TValue> WithConsumer<TKey, TValue>(Action<KStream<TKey, TValue>> consumer, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return new(name, branch =>
        {
            consumer(branch);
            return null;
        });
    }
}
