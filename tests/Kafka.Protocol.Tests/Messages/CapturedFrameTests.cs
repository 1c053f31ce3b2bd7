using System.Globalization;
using Kafka.Protocol.Messages;

namespace Kafka.Protocol.Tests;

/// <summary>What real clients and a real broker said to each other, read and written again.</summary>
public sealed class CapturedFrameTests
{
    private static readonly (bool IsRequest, ApiKey Api, short Version, byte[] Bytes)[] Frames = Load();

    public static TheoryData<int, string> All
    {
        get
        {
            var all = new TheoryData<int, string>();
            for (var i = 0; i < Frames.Length; i++)
                all.Add(i, $"{(Frames[i].IsRequest ? "request" : "response")} {Frames[i].Api} v{Frames[i].Version}");
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_captured_frame_is_understood_to_its_last_byte_and_said_again_the_same(int index, string name)
    {
        var (isRequest, api, version, bytes) = Frames[index];
        using var writer = new ProtocolWriter();
        var reader = new ProtocolReader(bytes);
        if (isRequest)
        {
            var header = RequestHeader.ReadAny(ref reader);
            Assert.Equal((api, version), (header.RequestApiKey, header.RequestApiVersion));
            header.Write(writer, RequestHeader.VersionFor(api, version));
        }
        else
        {
            var headerVersion = ResponseHeader.VersionFor(api, version);
            ResponseHeader.Read(ref reader, headerVersion).Write(writer, headerVersion);
        }

        var message = MessageCodec.Named(api + (isRequest ? "Request" : "Response")).Read(bytes.AsMemory(reader.Position), version, out var remaining);
        message.Write(writer, version);

        Assert.True(remaining == 0, $"{name}: {remaining} bytes left");
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(writer.ToArray()));
    }

    [Fact]
    public void The_batches_of_librdkafka_are_accepted_and_readable_in_every_codec()
    {
        var codecs = new HashSet<CompressionCodec>();
        foreach (var (_, _, version, bytes) in Frames.Where(frame => frame is { IsRequest: true, Api: ApiKey.Produce }))
        {
            var reader = new ProtocolReader(bytes);
            RequestHeader.ReadAny(ref reader);
            var records = ProduceRequest.Read(ref reader, version).TopicData[0].PartitionData[0].Records!.Value;

            Assert.Equal(ErrorCode.None, ProducedBatch.Check(records.Span, version, out var header, out var reason));
            Assert.Null(reason);
            codecs.Add(header.Codec);
            using var batch = BatchRecords.Open(records.Span);
            var count = 0;
            foreach (var record in batch)
            {
                Assert.True(record.HasKey && record.HasValue);
                count++;
            }

            Assert.Equal(header.Count, count);
        }

        Assert.Equal(Enum.GetValues<CompressionCodec>().Order(), codecs.Order());
    }

    [Fact]
    public void A_group_described_by_a_client_can_be_read()
    {
        var (_, _, version, bytes) = Frames.Single(frame => frame is { IsRequest: true, Api: ApiKey.JoinGroup });
        var reader = new ProtocolReader(bytes);
        RequestHeader.ReadAny(ref reader);

        var join = JoinGroupRequest.Read(ref reader, version);

        Assert.Equal(("consumer", 45_000), (join.ProtocolType, join.SessionTimeoutMs));
        var metadata = new ProtocolReader(join.Protocols[0].Metadata);
        var subscription = ConsumerProtocolSubscription.Read(ref metadata, metadata.ReadInt16());
        Assert.Equal(["shop-logs"], subscription.Topics);
    }

    private static (bool, ApiKey, short, byte[])[] Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Messages", "captured-frames.txt");
        return [.. File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line =>
        {
            var words = line.Split(' ');
            return (words[0] == "request", Enum.Parse<ApiKey>(words[1]), short.Parse(words[2], CultureInfo.InvariantCulture), Convert.FromHexString(words[3]));
        })];
    }
}
