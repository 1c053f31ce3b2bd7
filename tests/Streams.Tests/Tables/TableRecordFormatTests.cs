using FsCheck;
using FsCheck.Fluent;
using Streams.Processing;

namespace Streams.Tests.Tables;

/// <summary>The bytes in the topics between a table and what is made of it: Kafka Streams', so that either can read the other's.</summary>
public sealed class TableRecordFormatTests
{
    private static readonly ChangeSerde<string> Changes = new(Serdes.String);

    [Theory]
    [InlineData(null, "5", "3500")]
    [InlineData("5", null, "3501")]
    [InlineData("6", "5", "02363502")]
    public void A_change_says_in_its_last_byte_which_values_it_has(string? next, string? old, string bytes) =>
        Assert.Equal(bytes, Hex(Changes, new(next, next is not null, old, old is not null)));

    [Theory]
    [InlineData("350003", null, "5", false)]
    [InlineData("350104", "5", null, true)]
    [InlineData("0236350005", "6", "5", false)]
    public void A_change_that_says_whether_it_is_the_latest_can_be_read(string bytes, string? next, string? old, bool latest)
    {
        var change = Changes.Deserialize(Convert.FromHexString(bytes));

        Assert.Equal((next, old, latest), (change.New, change.Old, change.IsLatest));
        Assert.Equal((next is not null, old is not null), (change.HasNew, change.HasOld));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3507")]
    [InlineData("03")]
    [InlineData("350204")]
    [InlineData("80808080808002")]
    [InlineData("7F3502")]
    public void What_is_no_change_is_told(string bytes) =>
        Assert.Throws<FormatException>(() => Changes.Deserialize(Convert.FromHexString(bytes)));

    [Fact]
    public void Any_change_can_be_read_back() =>
        Prop.ForAll<string?, string?>((next, old) =>
        {
            if (next is null && old is null)
                return true;

            var change = Changes.Deserialize(Bytes(Changes, new(next, next is not null, old, old is not null)));
            return (change.New, change.Old) == (next, old);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_subscription_has_version_instruction_hash_key_and_partition()
    {
        var hash = Murmur3.Hash("r1:a"u8);

        Assert.Equal(
            "010342465e2b79e93809abb069d4845724d16b3100000000",
            Hex(new SubscriptionSerde<string>(Serdes.String), new(hash, SubscriptionInstruction.AnswerIfPresent, "k1", 0)));
        Assert.Equal(
            "81016b3100000007",
            Hex(new SubscriptionSerde<string>(Serdes.String), new(null, SubscriptionInstruction.DeleteAndAnswer, "k1", 7)));
    }

    [Fact]
    public void A_subscription_of_the_first_version_lacks_the_partition()
    {
        var subscription = new SubscriptionSerde<string>(Serdes.String).Deserialize(Convert.FromHexString("80026b31"));

        Assert.Equal(new(null, SubscriptionInstruction.AnswerAlways, "k1", null), subscription);
    }

    [Fact]
    public void A_response_has_version_hash_and_value()
    {
        var serde = new SubscriptionResponseSerde<string>(Serdes.String);

        Assert.Equal("0042465e2b79e93809abb069d4845724d15231", Hex(serde, new(Murmur3.Hash("r1:a"u8), "R1", true, 0)));
        Assert.Equal("80", Hex(serde, new(null, null, false, 0)));
        Assert.False(serde.Deserialize([0x80]).HasValue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0203")]
    [InlineData("8104")]
    [InlineData("8100000000")]
    [InlineData("0103AABB")]
    public void What_is_no_subscription_is_told(string bytes) =>
        Assert.Throws<FormatException>(() => new SubscriptionSerde<string>(Serdes.String).Deserialize(Convert.FromHexString(bytes)));

    [Fact]
    public void A_subscriptions_key_starts_with_the_foreign_keys_length()
    {
        var serde = new SubscriptionKeySerde<string, string>(Serdes.String, Serdes.String);

        Assert.Equal("0000000272316b31", Hex(serde, new("r1", "k1")));
        Assert.Equal(new("r1", "k1"), serde.Deserialize(Convert.FromHexString("0000000272316b31")));
        Assert.Throws<FormatException>(() => serde.Deserialize(Convert.FromHexString("00000009726b")));
    }

    private static string Hex<T>(ISerde<T> serde, T value) => Convert.ToHexStringLower(Bytes(serde, value));

    private static byte[] Bytes<T>(ISerde<T> serde, T value)
    {
        var buffer = new RecordBuffer();
        serde.Serialize(value, buffer);
        return buffer.From(0).ToArray();
    }
}
