using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;
using Monitor.LogStore;
using Settings;
using Streams.Contracts.V1;

namespace Monitor.Tests.LogStore;

public sealed class SqliteLogStoreTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_log_comes_back_as_it_went_in()
    {
        var document = StoreFixture.Log(7, "nul \0 inside, ünïcode, 'quotes' \"both\"", severity: Severity.Error);
        document.Record.Attributes.Add("http.status", "500");
        document.Record.TraceId = "0af7651916cd43dd8448eb211c80319c";
        var before = document.Record.Clone();

        _fixture.AddAll([document]);

        var found = Assert.Single(await _fixture.FindAsync(new()));
        Assert.Equal("n1:1:7", found.Id);
        Assert.Equal(before, found.Record);
        Assert.Equal(before, document.Record);
    }

    [Fact]
    public async Task Storing_a_log_twice_stores_it_once()
    {
        _fixture.AddAll([StoreFixture.Log(1, "once"), StoreFixture.Log(1, "once")]);
        _fixture.AddAll([StoreFixture.Log(1, "once"), StoreFixture.Log(2, "twice")]);

        Assert.Equal(["twice", "once"], (await _fixture.FindAsync(new())).Select(f => f.Record.Message));
        Assert.Single(await _fixture.FindAsync(new() { Text = "once" }));
    }

    [Fact]
    public async Task What_was_flushed_is_there_after_a_restart()
    {
        _fixture.AddAll([StoreFixture.Log(1, "kept")]);

        _fixture.Reopen();

        Assert.Equal("kept", Assert.Single(await _fixture.FindAsync(new() { Text = "kept" })).Record.Message);
    }

    [Fact]
    public async Task What_was_not_flushed_is_not_found()
    {
        _fixture.Store.Add(StoreFixture.Log(1, "waiting"));

        Assert.Empty(await _fixture.FindAsync(new()));
    }

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
    public async Task Filters_hold_together()
    {
        var wanted = StoreFixture.Log(5, "payment declined", "n2", severity: Severity.Error, service: "payment");
        wanted.Record.Attributes.Add("order", "42");
        var otherOrder = StoreFixture.Log(6, "payment declined", "n2", severity: Severity.Error, service: "payment");
        otherOrder.Record.Attributes.Add("order", "43");
        _fixture.AddAll(
        [
            wanted, otherOrder,
            StoreFixture.Log(1, "payment declined", "n2", severity: Severity.Info, service: "payment"),
            StoreFixture.Log(2, "payment declined", "n3", severity: Severity.Error, service: "payment"),
            StoreFixture.Log(3, "payment declined", "n2", severity: Severity.Error, service: "order"),
            StoreFixture.Log(900, "payment declined", "n2", severity: Severity.Error, service: "payment"),
        ]);

        var found = await _fixture.FindAsync(new()
        {
            Text = "DECLINED",
            MinSeverity = Severity.Warn,
            Nodes = ["n2", "n9"],
            Services = ["payment"],
            Attributes = new Dictionary<string, string> { ["order"] = "42" },
            FromNs = 2_000_000_000,
            ToNs = 900_000_000_000,
        });

        Assert.Equal(wanted.Id, Assert.Single(found).Id);
    }

    [Fact]
    public async Task The_end_of_a_time_range_is_outside_it()
    {
        _fixture.AddAll([StoreFixture.Log(1, "a"), StoreFixture.Log(2, "b"), StoreFixture.Log(3, "c")]);

        var found = await _fixture.FindAsync(new() { FromNs = 1_000_000_000, ToNs = 3_000_000_000, OldestFirst = true });

        Assert.Equal(["a", "b"], found.Select(f => f.Record.Message));
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

    [Fact]
    public async Task Searches_run_beside_the_writer_and_see_whole_batches()
    {
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(() =>
        {
            for (var batch = 0; batch < 40; batch++)
            {
                _fixture.AddAll(Enumerable.Range(0, 50).Select(i => StoreFixture.Log((ulong)((batch * 50) + i + 1), $"batch {batch:D2} needle")));
                Interlocked.Add(ref written, 50);
            }

            stop.Cancel();
        });
        var searches = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var before = Volatile.Read(ref written);
                var found = await _fixture.FindAsync(new() { Text = "needle", Limit = 10_000 });
                Assert.True(found.Count >= before, $"{found.Count} found after {before} were flushed");
            }
        }));

        await Task.WhenAll([writer, .. searches]).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(2_000, (await _fixture.FindAsync(new() { Text = "needle", Limit = 10_000 })).Count);
    }

    [Fact]
    public async Task An_alert_is_kept_once_and_its_end_is_added()
    {
        var alert = new Alert { Fingerprint = "f", Kind = AlertKind.Node, Starts = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) };
        var resolved = alert.Clone();
        resolved.Ends = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddMinutes(1));

        _fixture.Store.Add(new AlertDocument("f:1", alert));
        _fixture.Store.Add(new AlertDocument("f:1", alert));
        _fixture.Store.Flush();
        Assert.Equal([alert], await _fixture.AlertsAsync(new()));
        _fixture.Store.Add(new AlertDocument("f:1", resolved));
        // A replay after a crash brings the beginning again.
        _fixture.Store.Add(new AlertDocument("f:1", alert));
        _fixture.Store.Flush();

        Assert.Equal([resolved], await _fixture.AlertsAsync());
        Assert.Empty(await _fixture.AlertsAsync(new() { IncludeResolved = false }));
    }

    [Fact]
    public async Task Alerts_are_listed_newest_first_across_pages()
    {
        foreach (var i in Enumerable.Range(0, 1_201))
        {
            _fixture.Store.Add(new AlertDocument($"f:{i}", new()
            {
                Fingerprint = $"f{i}",
                Kind = i % 2 == 0 ? AlertKind.Log : AlertKind.Node,
                Starts = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(i / 7)),
            }));
        }

        _fixture.Store.Flush();

        Assert.Equal(Enumerable.Range(0, 1_201).Reverse().Select(i => $"f{i}"), (await _fixture.AlertsAsync()).Select(a => a.Fingerprint));
        Assert.Equal(600, (await _fixture.AlertsAsync(new() { Kind = AlertKind.Node })).Count);
        Assert.Equal(["f1200", "f1199"], (await _fixture.AlertsAsync(new() { Limit = 2 })).Select(a => a.Fingerprint));
        Assert.Equal(1_201 - 700, (await _fixture.AlertsAsync(new() { FromNs = 100_000_000_000 })).Count);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
