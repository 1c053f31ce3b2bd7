using Kafka.Protocol.Messages;

namespace Kafka.Protocol.Tests;

public sealed class ProtocolReaderTests
{
    private static void Fails(string hex, Action<ProtocolReaderProbe> read, string expected)
    {
        var failure = Assert.Throws<ProtocolException>(() => read(new ProtocolReaderProbe(Convert.FromHexString(hex))));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7FFFFFFF", false, 1)]
    [InlineData("00000002", false, 1)]
    [InlineData("FFFFFFFF07", true, 1)]
    [InlineData("000000020000000000000000", false, 5)]
    public void A_count_that_the_bytes_left_cannot_hold_is_refused(string hex, bool flexible, int elementBytesMin) =>
        Fails(hex, probe => probe.Count(flexible, elementBytesMin), "elements in the");

    [Fact]
    public void A_message_of_more_elements_than_the_limit_is_refused() =>
        Assert.Contains(
            "more than 1000000 array elements",
            Assert.Throws<ProtocolException>(() =>
            {
                var bytes = new byte[ProtocolReader.ElementsMax + 5];
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, ProtocolReader.ElementsMax + 1);
                new ProtocolReaderProbe(bytes).Count(flexible: false, elementBytesMin: 1);
            }).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("FFFE", "-2 means nothing")]
    [InlineData("0005616263", "2 bytes too early")]
    [InlineData("FFFF", "null that may not be")]
    public void A_string_that_cannot_be_is_refused_with_its_reason(string hex, string reason) =>
        Fails(hex, probe => probe.String(flexible: false), reason);

    [Theory]
    [InlineData("00", "null that may not be")]
    [InlineData("81808002" + "61", "longer than the protocol's 32767")]
    [InlineData("FFFFFFFF0F", "larger than 2 GiB")]
    [InlineData("FFFFFFFFFF", "runs past five bytes")]
    public void A_compact_string_that_cannot_be_is_refused_with_its_reason(string hex, string reason) =>
        Fails(hex, probe => probe.String(flexible: true), reason);

    [Fact]
    public void Unknown_tagged_fields_are_stepped_over()
    {
        // Header v2 of a Heartbeat v4 with a tag 7 of three bytes that nobody knows.
        var reader = new ProtocolReader(Convert.FromHexString("000C0004" + "00000009" + "0002" + "6162" + "01" + "07" + "03" + "AABBCC" + "EE"));

        var header = RequestHeader.ReadAny(ref reader);

        Assert.Equal((ApiKey.Heartbeat, (short)4, 9, "ab"), (header.RequestApiKey, header.RequestApiVersion, header.CorrelationId, header.ClientId));
        Assert.Equal(1, reader.Remaining);
    }

    [Fact]
    public void The_header_of_an_api_nobody_knows_can_be_read()
    {
        var reader = new ProtocolReader(Convert.FromHexString("03E7" + "0001" + "0000002A" + "FFFF"));

        var header = RequestHeader.ReadAny(ref reader);

        Assert.Equal(((ApiKey)999, 42), (header.RequestApiKey, header.CorrelationId));
        Assert.Null(header.ClientId);
    }

    [Fact]
    public void Records_are_slices_of_the_frame()
    {
        byte[] frame = [0, 0, 0, 3, 1, 2, 3];
        var reader = new ProtocolReader(frame);

        var records = reader.ReadRecords(flexible: false);
        frame[4] = 9;

        Assert.Equal([9, 2, 3], records!.Value.ToArray());
    }

    /// <summary>A reader for lambdas, which cannot hold a ref struct.</summary>
    private sealed class ProtocolReaderProbe(byte[] bytes)
    {
        public int Count(bool flexible, int elementBytesMin)
        {
            var reader = new ProtocolReader(bytes);
            return reader.ReadCount(flexible, elementBytesMin);
        }

        public string String(bool flexible)
        {
            var reader = new ProtocolReader(bytes);
            return reader.ReadString(flexible);
        }
    }
}
