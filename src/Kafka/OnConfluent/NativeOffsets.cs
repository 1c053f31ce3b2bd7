using System.Runtime.InteropServices;
using System.Text;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Positions as librdkafka holds them. Confluent.Kafka 1.9 has no room for a position's metadata.</summary>
internal sealed unsafe class NativeOffsets : IDisposable
{
    private readonly List* _list;

    public NativeOffsets(IReadOnlyCollection<CommittedOffset> offsets)
    {
        _list = NativeCalls.NewList(offsets.Count);
        foreach (var offset in offsets)
        {
            var element = NativeCalls.AddToList(_list, offset.TopicPartition.Topic, offset.TopicPartition.Partition);
            element->Offset = offset.Offset;
            if (offset.Metadata.Length == 0)
                continue;

            // librdkafka frees it with the list, by free().
            var bytes = Encoding.UTF8.GetBytes(offset.Metadata);
            element->Metadata = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
            element->MetadataBytes = (nuint)bytes.Length;
            bytes.CopyTo(new Span<byte>(element->Metadata, bytes.Length));
        }
    }

    /// <summary>Commits them, and waits for the answer.</summary>
    public Rd.ErrorCode Commit(nint client)
    {
        var error = NativeCalls.Commit(client, _list, inBackground: 0);
        return error == Rd.ErrorCode.NoError ? FirstError() : error;
    }

    /// <summary>Replaces them by what the group has committed.</summary>
    public Rd.ErrorCode Fetch(nint client, TimeSpan timeout)
    {
        var error = NativeCalls.Committed(client, _list, (int)Math.Min(int.MaxValue, timeout.TotalMilliseconds));
        return error == Rd.ErrorCode.NoError ? FirstError() : error;
    }

    /// <summary>Those that have an offset.</summary>
    public List<CommittedOffset> Read()
    {
        var read = new List<CommittedOffset>(_list->Count);
        for (var i = 0; i < _list->Count; i++)
        {
            ref var element = ref _list->Elements[i];
            if (element.Offset < 0)
                continue;

            var partition = new TopicPartition(Marshal.PtrToStringUTF8((nint)element.Topic)!, element.Partition);
            read.Add(new CommittedOffset(partition, element.Offset, Encoding.UTF8.GetString(new ReadOnlySpan<byte>(element.Metadata, (int)element.MetadataBytes))));
        }

        return read;
    }

    public void Dispose() => NativeCalls.DestroyList(_list);

    private Rd.ErrorCode FirstError()
    {
        for (var i = 0; i < _list->Count; i++)
        {
            if (_list->Elements[i].Error != Rd.ErrorCode.NoError)
                return _list->Elements[i].Error;
        }

        return Rd.ErrorCode.NoError;
    }

    /// <summary>rd_kafka_topic_partition_list_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct List
    {
        public int Count;
        public int Size;
        public Element* Elements;
    }

    /// <summary>rd_kafka_topic_partition_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Element
    {
        public byte* Topic;
        public int Partition;
        public long Offset;
        public byte* Metadata;
        public nuint MetadataBytes;
        public void* Opaque;
        public Rd.ErrorCode Error;
        public void* Private;
    }
}
