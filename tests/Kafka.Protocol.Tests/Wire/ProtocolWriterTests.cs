using Kafka.Protocol.Messages;

namespace Kafka.Protocol.Tests;

public sealed class ProtocolWriterTests
{
    private static FetchResponse Response(params ReadOnlyMemory<byte>[] partitions)
    {
        var topic = new FetchResponse.FetchableTopicResponse { Topic = "logs" };
        foreach (var records in partitions)
            topic.Partitions.Add(new FetchResponse.PartitionData { PartitionIndex = topic.Partitions.Count, Records = records });
        return new FetchResponse { Responses = { topic } };
    }

    [Fact]
    public void Large_records_are_sent_from_where_they_lie()
    {
        ReadOnlyMemory<byte> first = new byte[5000];
        ReadOnlyMemory<byte> second = new byte[6000];
        using var writer = new ProtocolWriter();
        Frame.WriteResponse(writer, ApiKey.Fetch, 12, correlationId: 3, Response(first, second));

        var segments = new List<ReadOnlyMemory<byte>>();
        writer.AddSegmentsTo(segments);

        Assert.Equal(5, segments.Count);
        Assert.Equal(first, segments[1]);
        Assert.Equal(second, segments[3]);
        Assert.Equal(writer.Length, segments.Sum(segment => segment.Length));
        var frame = writer.ToArray();
        Assert.Equal(frame.Length - 4, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame));
        var read = Frame.ReadResponse<FetchResponse>(frame.AsMemory(4), ApiKey.Fetch, 12, out var correlationId);
        Assert.Equal(3, correlationId);
        Assert.Equal([5000, 6000], read.Responses[0].Partitions.Select(p => p.Records!.Value.Length));
    }

    [Fact]
    public void A_writer_can_be_used_again()
    {
        using var writer = new ProtocolWriter();
        Frame.WriteResponse(writer, ApiKey.Fetch, 11, 1, Response(new byte[200_000]));
        writer.Reset();

        Frame.WriteResponse(writer, ApiKey.Fetch, 11, 2, Response(new byte[10]));

        var read = Frame.ReadResponse<FetchResponse>(writer.ToArray().AsMemory(4), ApiKey.Fetch, 11, out var correlationId);
        Assert.Equal((2, 10), (correlationId, read.Responses[0].Partitions[0].Records!.Value.Length));
    }

    [Fact]
    public void A_field_that_the_version_lacks_is_refused_unless_it_may_be_left_out()
    {
        using var writer = new ProtocolWriter();

        var failure = Assert.Throws<ProtocolException>(
            () => new JoinGroupRequest { GroupId = "g", GroupInstanceId = "static-1" }.Write(writer, 4));
        new JoinGroupRequest { GroupId = "g", Reason = "may be left out" }.Write(writer, 4);

        Assert.Contains("JoinGroupRequest v4 cannot carry GroupInstanceId", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_after_a_response_are_refused()
    {
        using var writer = new ProtocolWriter();
        Frame.WriteResponse(writer, ApiKey.Heartbeat, 1, 1, new HeartbeatResponse());
        byte[] frame = [.. writer.ToArray().AsSpan(4), 0];

        Assert.Throws<ProtocolException>(() => Frame.ReadResponse<HeartbeatResponse>(frame, ApiKey.Heartbeat, 1, out _));
    }
}
