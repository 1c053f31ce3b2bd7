using Broker.Groups;
using Kafka.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Tests.Groups;

public sealed class EarlyTimerTests
{
    [Fact]
    public async Task A_timer_that_fires_before_its_deadline_is_set_again()
    {
        await using var scene = await GroupScene.OpenAsync(
            new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.FromMilliseconds(50) }, new SlowStopwatch());
        var joining = scene.Client("a", version: 3).JoinAsync();
        scene.Time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.False(joining.IsCompleted);

        scene.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(ErrorCode.None, (await joining.WaitAsync(GroupScene.Patience)).ErrorCode);
    }

    /// <summary>A clock whose timers run ahead of its timestamps, as the system's do now and then.</summary>
    private sealed class SlowStopwatch() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))
    {
        private long? _start;

        public override long GetTimestamp()
        {
            var now = base.GetTimestamp();
            _start ??= now;
            return _start.Value + ((now - _start.Value) * 999 / 1000);
        }
    }
}
