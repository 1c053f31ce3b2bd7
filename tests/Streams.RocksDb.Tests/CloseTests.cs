using Streams.RocksDb.Database;
using Xunit;
using static Streams.RocksDb.Tests.TaskState;

namespace Streams.RocksDb.Tests;

public sealed class CloseTests
{
    [SkippableFact]
    public void Every_use_after_the_close_says_that_the_store_is_closed()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"));
        var database = state.Database;
        var orders = database.Family("orders");
        using var rows = database.Iterate(orders);
        using var snapshot = database.TakeSnapshot();
        using var batch = new WriteBatch();
        batch.Put(orders, Bytes("b"), Bytes("2"));

        database.Dispose();

        Assert.Throws<StoreClosedException>(() => state.Get("orders", "a"));
        Assert.Throws<StoreClosedException>(() => rows.MoveNext());
        Assert.Throws<StoreClosedException>(() => database.Iterate(orders));
        Assert.Throws<StoreClosedException>(() => state.Get("orders", "a", snapshot));
        Assert.Throws<StoreClosedException>(() => database.TakeSnapshot());
        Assert.Throws<StoreClosedException>(() => database.Commit(batch));
        Assert.Throws<StoreClosedException>(() => database.Flush());
        Assert.Throws<StoreClosedException>(() => database.CreateFamily("new"));
        Assert.Throws<StoreClosedException>(() => database.DropFamily("orders"));
        Assert.Throws<StoreClosedException>(() => database.Figure(orders, "rocksdb.estimate-num-keys"));
        Assert.Throws<StoreClosedException>(() => database.Offsets["log", 0]);
        database.Dispose();
    }

    [SkippableFact]
    public void A_row_read_before_the_close_can_still_be_looked_at()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"));
        using var rows = state.Database.Iterate(state.Database.Family("orders"));
        Assert.True(rows.MoveNext());

        state.Database.Dispose();

        Assert.Equal("a"u8, rows.Key);
        Assert.Equal("1"u8, rows.Value);
    }

    [SkippableFact]
    public async Task Closing_beside_busy_readers_ends_each_with_a_sentence()
    {
        SkipWhereMissing();
        for (var round = 0; round < (IsLong ? 200 : 6); round++)
            await CloseBesideReadersAsync();
    }

    private static async Task CloseBesideReadersAsync()
    {
        using var state = new TaskState("orders");
        state.Put("orders", [.. Enumerable.Range(0, 500).Select(i => ($"key{i:000}", $"value{i}"))]);
        var started = new CountdownEvent(4);
        var readers = new[]
        {
            Task.Run(() => ReadUntilClosed(() => _ = state.Get("orders", "key042"))),
            Task.Run(() => ReadUntilClosed(() => _ = state.Rows("orders", from: "key100", to: "key200"))),
            Task.Run(() => ReadUntilClosed(() => _ = state.Rows("orders", forward: false))),
            Task.Run(() => ReadUntilClosed(() =>
            {
                using var snapshot = state.Database.TakeSnapshot();
                _ = state.Get("orders", "key007", snapshot);
            })),
        };
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));

        state.Database.Dispose();

        foreach (var reader in readers)
            Assert.IsType<StoreClosedException>(await reader.WaitAsync(TimeSpan.FromSeconds(30)));

        Exception ReadUntilClosed(Action read)
        {
            var first = true;
            while (true)
            {
                try
                {
                    read();
                }
                catch (Exception error)
                {
                    return error;
                }

                if (first)
                    started.Signal();
                first = false;
            }
        }
    }

    [SkippableFact]
    public void Closing_waits_for_a_value_that_is_being_looked_at()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"));

        Task closing;
        using (var value = state.Database.Get(state.Database.Family("orders"), Bytes("a")))
        {
            closing = Task.Run(state.Database.Dispose);
            SpinWait.SpinUntil(() => state.Database.IsClosed, TimeSpan.FromSeconds(30));
            Assert.False(closing.IsCompleted);
            Assert.Equal("1"u8, value.Bytes);
        }

        Assert.True(closing.Wait(TimeSpan.FromSeconds(30)));
    }
}
