using Microsoft.Extensions.Time.Testing;
using Streams.RocksDb.Database;
using Xunit;

namespace Streams.RocksDb.Tests;

public sealed class FlushScheduleTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_store_that_nobody_writes_to_is_never_flushed()
    {
        var schedule = Schedule();

        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(schedule.IsDue);
    }

    [Fact]
    public void A_quiet_store_is_flushed_after_the_interval()
    {
        var schedule = Schedule();

        Assert.False(schedule.CountAndAsk(1));
        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(schedule.IsDue);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void A_busy_store_is_flushed_after_a_number_of_writes()
    {
        var schedule = Schedule();

        Assert.False(schedule.CountAndAsk(999));
        Assert.True(schedule.CountAndAsk(1));

        schedule.Begin();
        Assert.False(schedule.CountAndAsk(999));
    }

    private FlushSchedule Schedule() => new(TimeSpan.FromSeconds(30), 1_000, _time);
}
