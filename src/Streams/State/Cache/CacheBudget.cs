namespace Streams.State;

/// <summary>The bytes that all record caches of one thread share.</summary>
/// <param name="bytesMax">How many they may hold together.</param>
internal sealed class CacheBudget(long bytesMax)
{
    private long _used;

    public bool IsExceeded => _used > bytesMax;

    /// <summary>What they hold now. Asked from any thread.</summary>
    public long Used => Volatile.Read(ref _used);

    public long BytesMax => bytesMax;

    public void Take(long bytes) => _used += bytes;
}
