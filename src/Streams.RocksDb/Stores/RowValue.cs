using System.Buffers.Binary;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>How a store's values lie in rows: plain ones as they are, timestamped ones with their time, eight bytes big-endian, in front.</summary>
internal readonly struct RowValue<TStored>(StoredValue<TStored> values)
{
    private readonly bool _timed =
        typeof(TStored).IsGenericType && typeof(TStored).GetGenericTypeDefinition() == typeof(ValueAndTimestamp<>);

    /// <summary>Names the layout, for the store's own.</summary>
    public string Layout => _timed ? "timestamp+value" : "value";

    public bool IsAbsent(in TStored value) => values.IsAbsent(in value);

    /// <summary>Writes the value as its changelog has it; returns the time of the changelog's record.</summary>
    public long Write(in TStored value, long now, RecordBuffer to) => values.Write(in value, now, to);

    /// <summary>Sets a row from a value as the changelog has it.</summary>
    public void Put(Rows.StoreRows rows, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long timestamp)
    {
        if (_timed)
            rows.Put(key, timestamp, value);
        else
            rows.Put(key, value);
    }

    public TStored Read(ReadOnlySpan<byte> row) =>
        _timed ? values.Read(row[sizeof(long)..], BinaryPrimitives.ReadInt64BigEndian(row)) : values.Read(row, timestamp: 0);
}
