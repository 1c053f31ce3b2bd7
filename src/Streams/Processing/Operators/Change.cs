namespace Streams.Processing;

/// <summary>What tables send: a key's new value and the one before. Either may be absent.</summary>
/// <param name="newValue">The value that holds from now on; meaningless where <paramref name="hasNew"/> is false.</param>
/// <param name="hasNew">False where the key is deleted.</param>
/// <param name="oldValue">The value that held until now; meaningless where <paramref name="hasOld"/> is false.</param>
/// <param name="hasOld">False where the key had no value, and where nobody downstream asked for old values.</param>
/// <param name="isLatest">
/// False where the table is versioned and holds a newer value of this key already: the change is history (KIP-914).
/// </param>
internal readonly struct Change<TValue>(TValue? newValue, bool hasNew, TValue? oldValue, bool hasOld, bool isLatest = true) : IChange
{
    public readonly TValue? New = newValue;
    public readonly TValue? Old = oldValue;
    public readonly bool HasNew = hasNew;
    public readonly bool HasOld = hasOld;
    public readonly bool IsLatest = isLatest;

    public Change<TValue> WithLatest(bool isLatest) => new(New, HasNew, Old, HasOld, isLatest);

    public Change<TValue> WithoutOld() => new(New, HasNew, default, false, IsLatest);

    object? IChange.NewValue => HasNew ? New : null;
}

/// <summary>A change of any type, for telling an error handler what a table's node was given.</summary>
internal interface IChange
{
    object? NewValue { get; }
}
