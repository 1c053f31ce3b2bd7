namespace Kafka.Protocol.Tests;

public sealed class TopicIdTests
{
    [Fact]
    public void An_id_is_written_most_significant_byte_first_and_printed_as_Kafka_does()
    {
        var id = new TopicId(new UInt128(0x0011223344556677, 0x8899AABBCCDDEEFF));
        var bytes = new byte[TopicId.Bytes];

        id.Write(bytes);

        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(bytes));
        Assert.Equal("ABEiM0RVZneImaq7zN3u_w", id.ToString());
    }

    [Fact]
    public void A_new_id_can_be_read_back_from_its_text()
    {
        var id = TopicId.New();

        Assert.NotEqual(TopicId.Zero, id);
        Assert.True(TopicId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ABEiM0RVZneImaq7zN3u/w")]
    [InlineData("ABEiM0RVZneImaq7zN3u")]
    public void Text_that_is_no_id_is_refused(string? text) => Assert.False(TopicId.TryParse(text, out _));
}
