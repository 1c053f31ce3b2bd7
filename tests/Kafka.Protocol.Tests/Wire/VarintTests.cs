using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace Kafka.Protocol.Tests;

public sealed class VarintTests
{
    [Fact]
    public void Any_value_written_can_be_read_back_and_takes_what_was_foretold() =>
        Prop.ForAll<int, long>((narrow, wide) =>
        {
            Span<byte> bytes = stackalloc byte[Varint.LongBytesMax];
            var written = Varint.Write(bytes, narrow);
            var isSame = Varint.Read(bytes[..written], out var readNarrow, out var consumed) is OperationStatus.Done
                && (readNarrow, consumed, Varint.SizeOf(narrow)) == (narrow, written, written);

            written = Varint.WriteLong(bytes, wide);
            isSame &= Varint.ReadLong(bytes[..written], out var readWide, out consumed) is OperationStatus.Done
                && (readWide, consumed, Varint.SizeOfLong(wide)) == (wide, written, written);

            written = Varint.WriteUnsigned(bytes, (uint)narrow);
            return isSame && Varint.ReadUnsigned(bytes[..written], out var readUnsigned, out consumed) is OperationStatus.Done
                && (readUnsigned, consumed, Varint.SizeOfUnsigned((uint)narrow)) == ((uint)narrow, written, written);
        }).QuickCheckThrowOnFailure();

    [Theory] // Values of the Protocol Buffers encoding guide, and the edges.
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(-64, "7F")]
    [InlineData(64, "8001")]
    [InlineData(150, "AC02")]
    [InlineData(int.MaxValue, "FEFFFFFF0F")]
    [InlineData(int.MinValue, "FFFFFFFF0F")]
    public void Known_values_have_known_bytes(int value, string hex)
    {
        var bytes = new byte[Varint.BytesMax];

        Assert.Equal(hex, Convert.ToHexString(bytes.AsSpan(0, Varint.Write(bytes, value))));
        Assert.Equal(OperationStatus.Done, Varint.Read(Convert.FromHexString(hex), out var read, out _));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void The_longest_values_fit_ten_bytes(long value, string hex)
    {
        Assert.Equal(OperationStatus.Done, Varint.ReadLong(Convert.FromHexString(hex), out var read, out var consumed));
        Assert.Equal((value, Varint.LongBytesMax), (read, consumed));
    }

    [Theory]
    [InlineData("", OperationStatus.NeedMoreData)]
    [InlineData("80", OperationStatus.NeedMoreData)]
    [InlineData("80808080", OperationStatus.NeedMoreData)]
    [InlineData("8080808080", OperationStatus.InvalidData)]
    [InlineData("808080801F", OperationStatus.InvalidData)] // a 33rd bit
    public void An_endless_value_is_told_apart_from_one_still_arriving(string hex, OperationStatus expected) =>
        Assert.Equal(expected, Varint.ReadUnsigned(Convert.FromHexString(hex), out _, out _));
}
