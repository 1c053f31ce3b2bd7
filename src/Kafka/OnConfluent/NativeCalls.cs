using System.Runtime.InteropServices;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>The functions that Confluent.Kafka does not offer. Source: rdkafka.h, version 2.0.2.</summary>
internal static partial class NativeCalls
{
    private const string Library = "librdkafka";

    /// <summary>Fails everything that is queued and in flight.</summary>
    public const int PurgeAll = 0x1 | 0x2;

    [LibraryImport(Library, EntryPoint = "rd_kafka_purge")]
    public static partial Rd.ErrorCode Purge(nint client, int flags);

    [LibraryImport(Library, EntryPoint = "rd_kafka_commit")]
    public static unsafe partial Rd.ErrorCode Commit(nint client, NativeOffsets.List* offsets, int inBackground);

    [LibraryImport(Library, EntryPoint = "rd_kafka_committed")]
    public static unsafe partial Rd.ErrorCode Committed(nint client, NativeOffsets.List* partitions, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_new")]
    public static unsafe partial NativeOffsets.List* NewList(int size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial NativeOffsets.Element* AddToList(NativeOffsets.List* list, string topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    public static unsafe partial void DestroyList(NativeOffsets.List* list);
}
