using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Streams.RocksDb.Database;

/// <summary>How far into its changelogs, and its inputs, a task's state reaches: rows of their own column family, written with the stores' rows.</summary>
/// <remarks>
/// A changelog's row is keyed by topic and partition and holds the offset, 8 bytes big-endian. Rows that begin with a zero byte are not changelogs.
/// Kafka Streams keeps the same facts beside each store (KIP-1035).
/// </remarks>
internal sealed class StoreOffsets
{
    public const string FamilyName = "offsets";

    private static readonly byte[] _positionKey = [0, (byte)'p'];

    private readonly RocksDatabase _database;

    internal StoreOffsets(RocksDatabase database, ColumnFamily family)
    {
        _database = database;
        Family = family;
    }

    internal ColumnFamily Family { get; }

    /// <summary>The offset up to which <paramref name="changelog"/> is contained, as last written; null where never.</summary>
    public long? this[string changelog, int partition]
    {
        get
        {
            using var value = _database.Get(Family, Key(changelog, partition));
            return value.IsFound ? BinaryPrimitives.ReadInt64BigEndian(value.Bytes) : null;
        }
    }

    public void Write(WriteBatch batch, string changelog, int partition, long offset)
    {
        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, offset);
        batch.Put(Family, Key(changelog, partition), value);
    }

    /// <summary>Forgets an offset: the store is restored from the changelog's start.</summary>
    public void Delete(WriteBatch batch, string changelog, int partition) => batch.Delete(Family, Key(changelog, partition));

    /// <summary>The position in the inputs, in the engine's own encoding.</summary>
    public void WritePosition(WriteBatch batch, ReadOnlySpan<byte> position) => batch.Put(Family, _positionKey, position);

    public bool TryGetPosition([NotNullWhen(true)] out byte[]? position)
    {
        using var value = _database.Get(Family, _positionKey);
        position = value.IsFound ? value.Bytes.ToArray() : null;
        return position is not null;
    }

    /// <summary>What was noted under a name of our own, such as a store's layout; null where nothing.</summary>
    public byte[]? Note(string name)
    {
        using var value = _database.Get(Family, NoteKey(name));
        return value.IsFound ? value.Bytes.ToArray() : null;
    }

    public void WriteNote(WriteBatch batch, string name, ReadOnlySpan<byte> note) => batch.Put(Family, NoteKey(name), note);

    public void DeleteNote(WriteBatch batch, string name) => batch.Delete(Family, NoteKey(name));

    private static byte[] NoteKey(string name) => [0, (byte)'n', .. Encoding.UTF8.GetBytes(name)];

    // A topic's name has no colon.
    private static byte[] Key(string changelog, int partition) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{changelog}:{partition}"));
}
