namespace Streams.State;

/// <summary>How a store's values become changelog records and values again.</summary>
internal abstract class StoredValue<TStored>
{
    /// <summary>Whether storing this value means deleting the key.</summary>
    public abstract bool IsAbsent(in TStored value);

    /// <summary>Writes the value; returns the changelog record's timestamp.</summary>
    public abstract long Write(in TStored value, long now, RecordBuffer to);

    public abstract TStored Read(ReadOnlySpan<byte> bytes, long timestamp);

    /// <summary>How many bytes the value takes in Kafka Streams' cache.</summary>
    public virtual int SizeOf(in TStored value, RecordBuffer scratch)
    {
        scratch.Clear();
        Write(in value, 0, scratch);
        return scratch.Length;
    }
}

/// <summary>The value alone; its changelog records carry the time of the record that caused them.</summary>
internal sealed class PlainValue<TValue>(ISerde<TValue> serde) : StoredValue<TValue>
{
    public override bool IsAbsent(in TValue value) => value is null;

    public override long Write(in TValue value, long now, RecordBuffer to)
    {
        serde.Serialize(value, to);
        return now;
    }

    public override TValue Read(ReadOnlySpan<byte> bytes, long timestamp) => serde.Deserialize(bytes);
}

/// <summary>
/// The value with its own time. In the changelog the value goes without it and the record's timestamp carries it, as Kafka Streams does, so
/// that a changelog reads the same whether or not its store keeps times.
/// </summary>
internal sealed class TimestampedValue<TValue>(ISerde<TValue> serde) : StoredValue<ValueAndTimestamp<TValue>>
{
    public override bool IsAbsent(in ValueAndTimestamp<TValue> value) => value.Value is null;

    public override long Write(in ValueAndTimestamp<TValue> value, long now, RecordBuffer to)
    {
        serde.Serialize(value.Value, to);
        return value.Timestamp;
    }

    public override int SizeOf(in ValueAndTimestamp<TValue> value, RecordBuffer scratch) => base.SizeOf(in value, scratch) + sizeof(long);

    public override ValueAndTimestamp<TValue> Read(ReadOnlySpan<byte> bytes, long timestamp) => new(serde.Deserialize(bytes), timestamp);
}
