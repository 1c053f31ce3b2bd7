using FsCheck;
using FsCheck.Fluent;

namespace Settings.Tests;

public sealed class DurationAndSizeTests
{
    [Fact]
    public void Any_duration_written_can_be_read_back() =>
        Prop.ForAll<long>(ticks => DurationText.TryParse(DurationText.Format(new TimeSpan(ticks)), out var read) && read.Ticks == ticks)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_size_written_can_be_read_back() =>
        Prop.ForAll<long>(bytes => SizeText.TryParse(SizeText.Format(bytes), out var read) && read == bytes)
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1m", 60_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("7 d", 604_800_000)]
    [InlineData("00:00:05", 5_000)]
    [InlineData("0", 0)]
    public void A_duration_is_read_as_people_write_it(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 parsecs")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1:2:3:4:5")]
    [InlineData("999999999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("500 kb", 500_000)]
    [InlineData("1.5KiB", 1_536)]
    [InlineData("17", 17)]
    [InlineData("17B", 17)]
    public void A_size_is_read_as_people_write_it(string text, long expected)
    {
        Assert.True(SizeText.TryParse(text, out var bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("1.3B")]
    [InlineData("64 minutes")]
    [InlineData("99999999999TiB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));
}
