using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Kafka.Protocol.Tests;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("123456789", 0xE3069283u)]
    public void Published_checksums_are_met(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    [Theory] // RFC 3720, appendix B.4, with the bytes of each CRC in host order.
    [InlineData(0x00, 0x8A9136AAu)]
    [InlineData(0xFF, 0x62A8AB43u)]
    public void Thirty_two_equal_bytes_give_the_checksum_of_the_RFC(byte octet, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Enumerable.Repeat(octet, 32).ToArray()));

    [Fact]
    public void The_instruction_and_the_table_agree() =>
        Prop.ForAll<byte[]>(bytes => Crc32C.Compute(bytes) == ~Crc32C.AppendTable(~0u, bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_checksum_can_be_taken_in_two_parts() =>
        Prop.ForAll<byte[], byte[]>((front, back) =>
            Crc32C.Append(Crc32C.Compute(front), back) == Crc32C.Compute([.. front, .. back])).QuickCheckThrowOnFailure();
}
