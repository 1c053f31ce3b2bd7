namespace Streams.RocksDb.Stores;

/// <summary>Ends of ranges over keys' bytes.</summary>
internal static class KeyBound
{
    /// <summary>The first key after all those that begin with <paramref name="prefix"/>; empty where there is none, which is an open end.</summary>
    public static byte[] AfterAllThatBeginWith(ReadOnlySpan<byte> prefix)
    {
        var length = prefix.Length;
        while (length > 0 && prefix[length - 1] == 0xFF)
            length--;
        if (length == 0)
            return [];

        var bound = prefix[..length].ToArray();
        bound[^1]++;
        return bound;
    }

    /// <summary>The first key after <paramref name="key"/> itself.</summary>
    public static byte[] After(ReadOnlySpan<byte> key) => [.. key, 0];
}
