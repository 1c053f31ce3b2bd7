namespace Kafka.OnConfluent;

/// <summary>Arrays of exactly the length asked for, reused: the library wants whole arrays and copies them before it returns.</summary>
/// <remarks>One thread at a time. Holds at most one array for each length up to 2 KiB: 2 MiB in all.</remarks>
internal sealed class ExactArrays
{
    private const int LengthMax = 2048;

    private readonly byte[]?[] _byLength = new byte[LengthMax + 1][];

    /// <summary>Copies the bytes into an array that is valid until the next call with the same length.</summary>
    public byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LengthMax)
            return bytes.ToArray();

        var array = _byLength[bytes.Length] ??= new byte[bytes.Length];
        bytes.CopyTo(array);
        return array;
    }
}
