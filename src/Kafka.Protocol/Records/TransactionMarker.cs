using System.Buffers.Binary;

namespace Kafka.Protocol;

/// <summary>The control record that ends a transaction in a partition.</summary>
/// <param name="IsCommit">Committed, else aborted.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that decided.</param>
/// <remarks>Source: KIP-98, "Control Messages". Key: int16 version 0, int16 type. Value: int16 version 0, int32 coordinator epoch.</remarks>
public readonly record struct TransactionMarker(bool IsCommit, int CoordinatorEpoch)
{
    private const short AbortType = 0;
    private const short CommitType = 1;

    /// <summary>The batch that carries this marker.</summary>
    public byte[] ToBatch(long producerId, short producerEpoch, long timestamp)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), IsCommit ? CommitType : AbortType);
        var value = new byte[6];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), CoordinatorEpoch);
        return new RecordBatchBuilder
        {
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            Attributes = RecordBatchAttributes.Transactional | RecordBatchAttributes.Control,
        }.Add(timestamp, key, value).Build();
    }

    /// <summary>Reads the marker of a control batch.</summary>
    /// <returns>False for a batch that is none, or holds another kind of control record.</returns>
    public static bool TryRead(ReadOnlySpan<byte> batch, out TransactionMarker marker)
    {
        marker = default;
        if (!new RecordBatchHeader(batch).IsControl)
            return false;
        using var records = BatchRecords.Open(batch);
        foreach (var record in records)
        {
            if (record.Key.Length < 4 || record.Value.Length < 6)
                return false;
            var type = BinaryPrimitives.ReadInt16BigEndian(record.Key[2..]);
            marker = new TransactionMarker(type == CommitType, BinaryPrimitives.ReadInt32BigEndian(record.Value[2..]));
            return type is AbortType or CommitType;
        }

        return false;
    }
}
