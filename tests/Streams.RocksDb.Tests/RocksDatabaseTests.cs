using System.Text;
using Streams.RocksDb.Database;
using Xunit;
using static Streams.RocksDb.Tests.TaskState;

namespace Streams.RocksDb.Tests;

public sealed class RocksDatabaseTests
{
    [SkippableFact]
    public void Stores_of_one_task_keep_their_rows_apart()
    {
        using var state = new TaskState("orders", "customers");

        state.Put("orders", ("1", "tea"));
        state.Put("customers", ("1", "ann"));

        Assert.Equal("tea", state.Get("orders", "1"));
        Assert.Equal("ann", state.Get("customers", "1"));
    }

    [SkippableFact]
    public void An_empty_value_is_not_a_missing_one()
    {
        using var state = new TaskState("orders");

        state.Put("orders", ("empty", ""));

        Assert.Equal("", state.Get("orders", "empty"));
        Assert.Null(state.Get("orders", "missing"));
    }

    [SkippableFact]
    public void Rows_come_in_byte_order_or_against_it_within_bounds()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("b", "2"), ("d", "4"), ("a", "1"), ("c", "3"));

        Assert.Equal("a=1 b=2 c=3 d=4", state.Rows("orders"));
        Assert.Equal("d=4 c=3 b=2 a=1", state.Rows("orders", forward: false));
        Assert.Equal("b=2 c=3", state.Rows("orders", from: "b", to: "d"));
        Assert.Equal("c=3 b=2", state.Rows("orders", from: "b", to: "d", forward: false));
        Assert.Equal("", state.Rows("orders", from: "x"));
        Assert.Equal("", state.Rows("orders", from: "d", to: "b"));
    }

    [SkippableFact]
    public void A_snapshot_and_an_iterator_see_their_own_moment()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "old"));
        using var snapshot = state.Database.TakeSnapshot();
        using var rows = state.Database.Iterate(state.Database.Family("orders"));

        state.Put("orders", ("a", "new"), ("b", "new"));

        Assert.Equal("old", state.Get("orders", "a", snapshot));
        Assert.Equal("a=old", state.Rows("orders", snapshot: snapshot));
        Assert.Equal("a=old", Rest(rows));
        Assert.Equal("a=new b=new", state.Rows("orders"));
    }

    [SkippableFact]
    public void Rows_offsets_and_position_are_there_again_after_a_close()
    {
        using var state = new TaskState("orders");
        using (var batch = new WriteBatch())
        {
            batch.Put(state.Database.Family("orders"), Bytes("a"), Bytes("1"));
            state.Database.Offsets.Write(batch, "app-orders-changelog", 3, 41);
            state.Database.Offsets.WritePosition(batch, Bytes("input:3=7"));
            state.Database.Commit(batch);
        }

        state.Reopen("orders");

        Assert.Equal("1", state.Get("orders", "a"));
        Assert.Equal(41, state.Database.Offsets["app-orders-changelog", 3]);
        Assert.Null(state.Database.Offsets["app-orders-changelog", 4]);
        Assert.True(state.Database.Offsets.TryGetPosition(out var position));
        Assert.Equal("input:3=7", Encoding.UTF8.GetString(position));
    }

    [SkippableFact]
    public void A_store_that_the_topology_no_longer_names_does_not_keep_the_task_from_opening()
    {
        using var state = new TaskState("orders", "old");
        state.Put("old", ("a", "1"));

        state.Reopen("orders", "new");

        Assert.Contains("old", state.Database.FamilyNames);
        state.Database.DropFamily("old");
        state.Reopen("orders", "new");
        Assert.DoesNotContain("old", state.Database.FamilyNames);
    }

    [SkippableFact]
    public void A_batch_for_a_dropped_store_is_refused_and_the_next_one_is_not()
    {
        using var state = new TaskState("orders", "old");
        using var batch = new WriteBatch();
        batch.Put(state.Database.Family("old"), Bytes("a"), Bytes("1"));
        state.Database.DropFamily("old");

        Assert.Throws<InvalidOperationException>(() => state.Database.Commit(batch));

        state.Put("orders", ("a", "1"));
        Assert.Equal("1", state.Get("orders", "a"));
    }

    [SkippableFact]
    public void A_dropped_store_can_be_made_again_and_starts_empty()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"));

        state.Database.DropFamily("orders");
        state.Database.CreateFamily("orders");
        state.Put("orders", ("b", "2"));

        Assert.Equal("b=2", state.Rows("orders"));
    }

    [SkippableFact]
    public void An_iterator_on_a_dropped_store_goes_on()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"), ("b", "2"));
        using var rows = state.Database.Iterate(state.Database.Family("orders"));

        state.Database.DropFamily("orders");

        Assert.Equal("a=1 b=2", Rest(rows));
    }

    [SkippableFact]
    public void A_reversed_range_to_delete_is_refused_and_writing_goes_on()
    {
        using var state = new TaskState("orders");
        using var batch = new WriteBatch();
        var orders = state.Database.Family("orders");

        Assert.Throws<ArgumentException>(() => batch.DeleteRange(orders, Bytes("b"), Bytes("a")));
        batch.DeleteRange(orders, Bytes("a"), Bytes("a"));

        Assert.Equal(0, batch.Count);
        state.Put("orders", ("a", "1"), ("b", "2"), ("c", "3"));
        batch.DeleteRange(orders, Bytes("a"), Bytes("c"));
        state.Database.Commit(batch);
        Assert.Equal("c=3", state.Rows("orders"));
    }

    [SkippableFact]
    public void A_state_folder_has_one_owner_at_a_time()
    {
        using var state = new TaskState("orders");

        var refused = Assert.Throws<StoreLockedException>(() => state.Open("orders"));

        Assert.Equal(state.Path, refused.Path);
        Assert.Contains(state.Path, refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Opening_waits_for_the_previous_owner_to_close()
    {
        using var state = new TaskState("orders");
        state.Put("orders", ("a", "1"));
        using var patient = new RocksDbBudget(new RocksDbOptions { LockWait = TimeSpan.FromMinutes(1) });

        var next = Task.Run(() => RocksDatabase.Open(state.Path, ["orders"], patient, TimeProvider.System));
        Assert.False(next.IsCompleted);
        state.Database.Dispose();

        using var database = await next.WaitAsync(TimeSpan.FromSeconds(30));
        using var value = database.Get(database.Family("orders"), Bytes("a"));
        Assert.True(value.IsFound);
    }

    [SkippableFact]
    public void A_flush_writes_the_rows_of_every_store_with_the_offsets()
    {
        using var state = new TaskState("orders", "customers");
        using (var batch = new WriteBatch())
        {
            batch.Put(state.Database.Family("orders"), Bytes("a"), Bytes("1"));
            batch.Put(state.Database.Family("customers"), Bytes("b"), Bytes("2"));
            state.Database.Offsets.Write(batch, "log", 0, 2);
            state.Database.Commit(batch);
        }

        state.Database.Flush();
        state.Put("orders", ("lost", "in the crash"));

        // What a crash would leave: the files as they are, without a close.
        using var crashed = CrashImage.Of(state.Path);
        using var budget = new RocksDbBudget(Options);
        using var database = RocksDatabase.Open(crashed.Path, ["orders", "customers"], budget, TimeProvider.System);
        using var orders = database.Iterate(database.Family("orders"));
        using var customers = database.Iterate(database.Family("customers"));
        Assert.Equal("a=1", Rest(orders));
        Assert.Equal("b=2", Rest(customers));
        Assert.Equal(2, database.Offsets["log", 0]);
    }
}
