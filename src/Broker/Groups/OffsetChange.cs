using Kafka.Protocol;

namespace Broker.Groups;

/// <summary>One entry of the offset journal.</summary>
/// <param name="Group">The group it is about.</param>
internal abstract record OffsetChange(string Group)
{
    private const sbyte CommittedKind = 1;
    private const sbyte DeletedKind = 2;
    private const sbyte GroupDeletedKind = 3;
    private const sbyte ExpiredKind = 4;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="ProtocolException">The bytes are none, although their checksum fits: another version wrote them.</exception>
    public static OffsetChange Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        var kind = reader.ReadInt8();
        var group = reader.ReadString(flexible: true);
        switch (kind)
        {
            case CommittedKind:
                var committed = new List<(TopicPartition, CommittedOffset)>();
                for (var left = reader.ReadCount(flexible: true, elementBytesMin: 26); left > 0; left--)
                {
                    committed.Add((
                        new TopicPartition(reader.ReadString(flexible: true), reader.ReadInt32()),
                        new CommittedOffset(reader.ReadInt64(), reader.ReadInt32(), reader.ReadString(flexible: true), reader.ReadInt64())));
                }

                return new OffsetsCommitted(group, committed);

            case DeletedKind:
                var deleted = new List<TopicPartition>();
                for (var left = reader.ReadCount(flexible: true, elementBytesMin: 5); left > 0; left--)
                    deleted.Add(new TopicPartition(reader.ReadString(flexible: true), reader.ReadInt32()));
                return new OffsetsDeleted(group, deleted);

            case GroupDeletedKind:
                return new GroupDeleted(group);

            case ExpiredKind:
                return new OffsetsExpired(group, reader.ReadInt64());

            default:
                throw new ProtocolException($"An offset journal entry has the kind {kind}, which this version does not know.");
        }
    }

    /// <summary>Writes the entry's payload; the journal puts length and checksum in front.</summary>
    public void Write(ProtocolWriter writer)
    {
        switch (this)
        {
            case OffsetsCommitted committed:
                writer.WriteInt8(CommittedKind);
                writer.WriteString(Group, flexible: true);
                writer.WriteCount(committed.Offsets.Count, flexible: true);
                foreach (var (of, offset) in committed.Offsets)
                {
                    writer.WriteString(of.Topic, flexible: true);
                    writer.WriteInt32(of.Partition);
                    writer.WriteInt64(offset.Offset);
                    writer.WriteInt32(offset.LeaderEpoch);
                    writer.WriteString(offset.Metadata, flexible: true);
                    writer.WriteInt64(offset.CommittedAt);
                }

                break;

            case OffsetsDeleted deleted:
                writer.WriteInt8(DeletedKind);
                writer.WriteString(Group, flexible: true);
                writer.WriteCount(deleted.Partitions.Count, flexible: true);
                foreach (var of in deleted.Partitions)
                {
                    writer.WriteString(of.Topic, flexible: true);
                    writer.WriteInt32(of.Partition);
                }

                break;

            case GroupDeleted:
                writer.WriteInt8(GroupDeletedKind);
                writer.WriteString(Group, flexible: true);
                break;

            case OffsetsExpired expired:
                writer.WriteInt8(ExpiredKind);
                writer.WriteString(Group, flexible: true);
                writer.WriteInt64(expired.CommittedUntil);
                break;

            default:
                throw new NotSupportedException(GetType().Name);
        }
    }
}

/// <summary>A group has committed offsets.</summary>
internal sealed record OffsetsCommitted(string Group, IReadOnlyList<(TopicPartition Of, CommittedOffset Offset)> Offsets) : OffsetChange(Group);

/// <summary>Some of a group's offsets are gone: deleted by hand, or with their topic.</summary>
internal sealed record OffsetsDeleted(string Group, IReadOnlyList<TopicPartition> Partitions) : OffsetChange(Group);

/// <summary>
/// A group's offsets committed up to a time (milliseconds since 1970) are past their retention. It names the time and not the offsets, so
/// that one committed anew while this was on its way stays.
/// </summary>
internal sealed record OffsetsExpired(string Group, long CommittedUntil) : OffsetChange(Group);

/// <summary>A group is gone with all its offsets.</summary>
internal sealed record GroupDeleted(string Group) : OffsetChange(Group);
