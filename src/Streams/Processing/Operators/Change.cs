namespace Streams.Processing;

/// <summary>What tables send: a key's new value and the one before. Either may be absent.</summary>
internal readonly struct Change<TValue>(TValue? newValue, bool hasNew, TValue? oldValue, bool hasOld)
{
    public readonly TValue? New = newValue;
    public readonly TValue? Old = oldValue;
    public readonly bool HasNew = hasNew;
    public readonly bool HasOld = hasOld;
}
