using FsCheck;
using FsCheck.Fluent;
using Monitor.Nodes;

namespace Monitor.Tests.Nodes;

public sealed class DeadlineQueueTests
{
    [Fact]
    public void A_node_is_taken_at_the_earliest_time_it_was_scheduled_for()
    {
        var queue = new DeadlineQueue();
        queue.Schedule("a", 50);
        queue.Schedule("a", 20);
        queue.Schedule("a", 90);
        queue.Schedule("b", 30);

        Assert.False(queue.TryTakeExpired(19, out _));
        Assert.True(queue.TryTakeExpired(100, out var first));
        Assert.True(queue.TryTakeExpired(100, out var second));
        Assert.Equal(("a", "b"), (first, second));
        Assert.False(queue.TryTakeExpired(100, out _));
    }

    [Fact]
    public void No_deadline_is_ever_missed_and_none_comes_early() =>
        Prop.ForAll<(byte Node, byte Due)[]>(schedule =>
        {
            var queue = new DeadlineQueue();
            foreach (var (node, due) in schedule)
                queue.Schedule($"{node % 5}", due);

            var taken = new Dictionary<string, long>();
            for (var now = 0L; now <= byte.MaxValue; now++)
            {
                while (queue.TryTakeExpired(now, out var node))
                    taken.Add(node, now);
            }

            return queue.Count == 0
                && taken.Count == schedule.Select(s => s.Node % 5).Distinct().Count()
                && taken.All(t => t.Value == schedule.Where(s => $"{s.Node % 5}" == t.Key).Min(s => s.Due));
        }).QuickCheckThrowOnFailure();
}
