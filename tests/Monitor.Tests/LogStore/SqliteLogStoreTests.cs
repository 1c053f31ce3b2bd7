using Microsoft.Data.Sqlite;
using Monitor.LogStore;
using Settings;

namespace Monitor.Tests.LogStore;

public sealed class SqliteLogStoreTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_full_batch_is_written_without_being_asked()
    {
        using var small = new StoreFixture(new() { BatchRecordsMax = 3 });

        foreach (var i in Enumerable.Range(1, 4))
            small.Store.Add(StoreFixture.Log((ulong)i, $"log {i}"));

        Assert.Equal(3, (await small.FindAsync(new())).Count);
    }

    [Fact]
    public async Task A_batch_that_could_not_be_written_leads_the_next_attempt()
    {
        using (var blocker = new SqliteConnection($"Data Source={_fixture.File};Pooling=false"))
        {
            blocker.Open();
            Execute(blocker, "CREATE TRIGGER refuse BEFORE INSERT ON logs BEGIN SELECT RAISE(ABORT, 'no room'); END");
            _fixture.Store.Add(StoreFixture.Log(1, "first"));
            Assert.Throws<SqliteException>(_fixture.Store.Flush);
            Execute(blocker, "DROP TRIGGER refuse");
        }

        _fixture.Store.Add(StoreFixture.Log(2, "second"));
        _fixture.Store.Flush();

        Assert.Equal(["first", "second"], (await _fixture.FindAsync(new() { OldestFirst = true })).Select(f => f.Record.Message));
    }

    [Fact]
    public async Task Logs_past_their_age_go_by_when_they_were_stored()
    {
        _fixture.AddAll(Enumerable.Range(1, Retention.ChunkRows + 5).Select(i => StoreFixture.Log((ulong)i, "old event, stored first")));
        _fixture.Time.Advance(TimeSpan.FromDays(6));
        _fixture.AddAll([StoreFixture.Log(9_999, "old event, stored lately")]);
        _fixture.Time.Advance(TimeSpan.FromDays(2));

        var swept = await _fixture.Store.SweepAsync(default);

        Assert.Equal(Retention.ChunkRows + 5, swept);
        Assert.Equal("old event, stored lately", Assert.Single(await _fixture.FindAsync(new())).Record.Message);
        Assert.Single(await _fixture.FindAsync(new() { Text = "old event" }));
    }

    [Fact]
    public async Task Beyond_its_size_the_store_drops_the_oldest_first()
    {
        using var bounded = new StoreFixture(new() { BytesMax = 4 << 20 });
        var filler = new string('x', 800);
        bounded.AddAll(Enumerable.Range(1, 9_000).Select(i => StoreFixture.Log((ulong)i, $"{i} {filler}")));

        var swept = await bounded.Store.SweepAsync(default);

        Assert.InRange(swept, 1, 8_999);
        var kept = await bounded.FindAsync(new() { OldestFirst = true, Limit = 10_000 });
        Assert.Equal(9_000 - swept, kept.Count);
        Assert.Equal($"{swept + 1} {filler}", kept[0].Record.Message);
        Assert.Equal(0, await bounded.Store.SweepAsync(default));
    }

    [Fact]
    public async Task A_damaged_file_is_set_aside_and_a_new_one_begun()
    {
        _fixture.AddAll([StoreFixture.Log(1, "lost to the damage")]);
        _fixture.Store.Dispose();
        await File.WriteAllBytesAsync(_fixture.File, Enumerable.Repeat((byte)'?', 50_000).ToArray());
        var log = new CollectingLogger<SqliteLogStore>();

        using var store = _fixture.Open(log);

        store.Add(StoreFixture.Log(2, "after"));
        store.Flush();
        Assert.Contains("is damaged", log.Messages[^1], StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_fixture.Directory, "logs.db.damaged-*Z"));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_setup_error()
    {
        var error = Assert.Throws<SetupException>(() => SqliteLogStore.Open(
            Path.Combine(_fixture.File, "below-a-file"), new(), TimeProvider.System, new(new("t")), new CollectingLogger<SqliteLogStore>()));

        Assert.Contains("below-a-file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_has_one_monitor() =>
        Assert.Contains(_fixture.Directory, Assert.Throws<SetupException>(() => _fixture.Open()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_store_of_a_newer_version_is_left_alone()
    {
        _fixture.Store.Dispose();
        using (var connection = new SqliteConnection($"Data Source={_fixture.File};Pooling=false"))
        {
            connection.Open();
            Execute(connection, "PRAGMA user_version = 99");
        }

        Assert.Contains("format 99", Assert.Throws<SetupException>(() => _fixture.Open()).Message, StringComparison.Ordinal);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
