using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Tests;

public sealed class WireValueTests
{
    [Theory]
    [InlineData("1n", 1)]
    [InlineData("99999999n", 1_000_000)]
    [InlineData("5u", 50)]
    [InlineData("7m", 70_000)]
    [InlineData("2S", 20_000_000)]
    [InlineData("3M", 1_800_000_000)]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("0S", 0)]
    [InlineData("99999999H", 999_999_990_000_000)]
    public void A_timeout_is_read(string value, long ticks)
    {
        Assert.True(TimeoutValue.TryParse(value, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData(" 5S")]
    [InlineData("5 S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("٣S")]
    public void A_malformed_timeout_is_none(string value) => Assert.False(TimeoutValue.TryParse(value, out _));

    [Fact]
    public void A_timeout_is_rounded_up_and_keeps_to_eight_digits() =>
        Prop.ForAll<long>(ticks =>
        {
            var left = TimeSpan.FromTicks(1 + ((ticks & long.MaxValue) % (TimeoutValue.Longest.Ticks * 2)));

            var text = TimeoutValue.Format(left);

            if (text.Length > 9 || !TimeoutValue.TryParse(text, out var read))
                return false;
            var expected = left < TimeoutValue.Longest ? left : TimeoutValue.Longest;
            return read >= expected && read - expected <= Max(TimeSpan.FromTicks(1), expected / 1_000_000);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_deadline_that_passed_is_the_shortest_timeout(long ticks) =>
        Assert.Equal("1n", TimeoutValue.Format(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void Any_text_survives_percent_encoding() =>
        Prop.ForAll<string>(text =>
        {
            // An unpaired surrogate is no text; it becomes U+FFFD.
            var expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));

            var encoded = PercentEncoding.Encode(text ?? "");

            return encoded.All(character => character is >= ' ' and <= '~')
                && encoded.Trim(' ') == encoded
                && PercentEncoding.Decode(encoded) == expected;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%+1", "%+1")]
    [InlineData("% 1", "% 1")]
    [InlineData("%e2%82%ac", "€")]
    [InlineData("%E2%82", "\uFFFD")]
    public void Broken_escapes_stay_as_they_are(string value, string expected) => Assert.Equal(expected, PercentEncoding.Decode(value));

    [Theory]
    [InlineData("AAH+/w==")]
    [InlineData("AAH+/w")]
    [InlineData(" AAH+/w ")]
    public void Bytes_are_read_with_and_without_padding(string value)
    {
        var metadata = new Metadata();

        MetadataValues.AddReceived(metadata, "blob-bin", value);

        Assert.Equal([0, 1, 254, 255], metadata.GetValueBytes("blob-bin")!);
    }

    [Fact]
    public void Joined_bytes_are_split()
    {
        var metadata = new Metadata();

        MetadataValues.AddReceived(metadata, "blob-bin", "AQ==,Ag, Aw");

        Assert.Equal([[1], [2], [3]], metadata.GetAll("blob-bin").Select(entry => entry.ValueBytes));
    }

    [Theory]
    [InlineData("x~y", "a name that no metadata has")]
    [InlineData("blob-bin", "no base64!")]
    [InlineData(":path", "/")]
    [InlineData("grpc-timeout", "1S")]
    public void What_is_no_metadata_is_left_out(string name, string value)
    {
        var metadata = new Metadata();

        MetadataValues.AddReceived(metadata, name, value);

        Assert.Empty(metadata);
    }

    [Fact]
    public void Any_bytes_survive_a_header() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var metadata = new Metadata();

            MetadataValues.AddReceived(metadata, "blob-bin", MetadataValues.Encode(new Metadata.Entry("blob-bin", bytes ?? [])));

            return metadata.GetValueBytes("blob-bin")!.SequenceEqual(bytes ?? []);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("0", StatusCode.OK)]
    [InlineData("16", StatusCode.Unauthenticated)]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("-1", StatusCode.Unknown)]
    [InlineData("OK", StatusCode.Unknown)]
    [InlineData("", StatusCode.Unknown)]
    public void A_status_that_is_none_is_unknown(string value, StatusCode expected) => Assert.Equal(expected, StatusValues.Parse(value));

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("Application/GRPC", true)]
    [InlineData("application/grpcfoo", false)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void A_content_type_is_grpcs_or_not(string? contentType, bool expected) => Assert.Equal(expected, WireHeaders.IsGrpc(contentType));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
