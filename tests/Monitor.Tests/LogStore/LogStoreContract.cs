using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using Monitor.LogStore;
using Streams.Contracts.V1;

namespace Monitor.Tests.LogStore;

/// <summary>What every log store does, whatever it stores in.</summary>
public abstract class LogStoreContract : IAsyncLifetime
{
    // Few letters, so that texts repeat and overlap; and every character that some layer could take for its own.
    private static readonly Gen<string> Text = Gen.Elements(
            'a', 'B', 'b', 'A', '%', '_', '\\', '"', '\'', '*', '-', ' ', '\r', '\0', 'é', 'É', 'i', 'k', '\u0130', '\u212A', '日', '(', ')', '?', '[', ':', '\uD83D', '\uDE00')
        .ListOf().Select(chars => new string([.. chars]));

    private StoreUnderTest _store = null!;

    public async Task InitializeAsync()
    {
        if (Missing is null)
            _store = await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
    }

    /// <summary>Why there is no such store here; null where there is one.</summary>
    private protected abstract string? Missing { get; }

    private protected abstract Task<StoreUnderTest> OpenAsync();

    [SkippableFact]
    public async Task A_log_comes_back_as_it_went_in()
    {
        Skip.IfNot(Missing is null, Missing);
        LogDocument[] documents =
        [
            Odd(1, log => log.Message = "nul \0 inside, ünïcode, 日本, 😀, 'quotes' \"both\" \\ and </script>\r\n\ttwo lines"),
            Odd(2, log => (log.Message, log.Service, log.Source, log.Severity) = ("", "", "", Severity.Unspecified)),
            Odd(3, log => log.Severity = (Severity)10),
            Odd(4, log => (log.Time, log.Observed) = (null, null)),
            Odd(5, log => log.Time = null),
            Odd(6, log => log.Observed = null),
            Odd(7, log => log.Time.Nanos = 123_456_789),
            Odd(8, log => log.Time = new() { Seconds = -62_135_596_800 }),
            Odd(9, log => log.Time = new() { Seconds = 253_402_300_799, Nanos = 999_999_999 }),
            Odd(10, log => log.Time = new() { Seconds = long.MaxValue, Nanos = 7 }),
            Odd(11, log => log.Position = null),
            Odd(12, log => log.Position = new() { Epoch = ulong.MaxValue, Sequence = ulong.MaxValue }),
            Odd(13, log => log.Attributes.Add(new Dictionary<string, string>
            {
                [""] = "no name", ["a"] = "1", ["a.b"] = "2", ["a."] = "", [".a"] = "3", ["nul\0"] = "\0", ["k 日"] = "v 日", ["long"] = new('v', 40_000), [new('k', 40_000)] = "v",
            })),
            Odd(14, log => (log.NodeId, log.Service) = (new('n', 3_000), new('s', 40_000))),
            Odd(15, log => (log.TraceId, log.SpanId, log.Source) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "/var/log/app.log")),
            Odd(16, log => log.Message = new('x', 300_000)),
        ];
        var before = documents.Select(d => d.Record.Clone()).ToList();

        await _store.AddAllAsync(documents);

        var found = await _store.FindAsync(new() { OldestFirst = true });
        Assert.Equal(documents.Length, found.Count);
        foreach (var (document, record) in documents.Zip(before))
        {
            Assert.Equal(record, Assert.Single(found, f => f.Id == document.Id).Record);
            Assert.Equal(record, document.Record);
        }

        LogDocument Odd(ulong sequence, Action<LogRecord> change)
        {
            var document = StoreFixture.Log(sequence, $"message {sequence}");
            change(document.Record);
            return document;
        }
    }

    [SkippableFact]
    public async Task Storing_a_log_twice_stores_it_once()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync([StoreFixture.Log(1, "once"), StoreFixture.Log(1, "once")]);
        await _store.AddAllAsync([StoreFixture.Log(1, "once"), StoreFixture.Log(2, "twice")]);

        Assert.Equal(["twice", "once"], (await _store.FindAsync(new())).Select(f => f.Record.Message));
        Assert.Single(await _store.FindAsync(new() { Text = "once" }));
    }

    [SkippableFact]
    public async Task What_was_flushed_is_there_after_a_restart()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync([StoreFixture.Log(1, "kept")]);

        _store.Reopen();

        Assert.Equal("kept", Assert.Single(await _store.FindAsync(new() { Text = "kept" })).Record.Message);
    }

    [SkippableFact]
    public async Task What_was_not_flushed_is_not_found()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync([StoreFixture.Log(1, "there")]);

        _store.Store.Add(StoreFixture.Log(2, "waiting"));

        await _store.RefreshAsync();
        Assert.Equal("there", Assert.Single(await _store.FindAsync(new())).Record.Message);
    }

    [SkippableFact]
    public async Task An_empty_store_finds_nothing()
    {
        Skip.IfNot(Missing is null, Missing);

        Assert.Empty(await _store.FindAsync(new() { Text = "anything" }));
        Assert.Empty(await _store.AlertsAsync());
    }

    [SkippableFact]
    public async Task Filters_hold_together()
    {
        Skip.IfNot(Missing is null, Missing);
        var wanted = StoreFixture.Log(5, "payment declined", "n2", severity: Severity.Error, service: "payment");
        wanted.Record.Attributes.Add("order.id", "42");
        var otherOrder = StoreFixture.Log(6, "payment declined", "n2", severity: Severity.Error, service: "payment");
        otherOrder.Record.Attributes.Add("order.id", "43");
        await _store.AddAllAsync(
        [
            wanted, otherOrder,
            StoreFixture.Log(1, "payment declined", "n2", severity: Severity.Info, service: "payment"),
            StoreFixture.Log(2, "payment declined", "n3", severity: Severity.Error, service: "payment"),
            StoreFixture.Log(3, "payment declined", "n2", severity: Severity.Error, service: "order"),
            StoreFixture.Log(900, "payment declined", "n2", severity: Severity.Error, service: "payment"),
        ]);

        var found = await _store.FindAsync(new()
        {
            Text = "DECLINED",
            MinSeverity = Severity.Warn,
            Nodes = ["n2", "n9"],
            Services = ["payment"],
            Attributes = new Dictionary<string, string> { ["order.id"] = "42" },
            FromNs = 2_000_000_000,
            ToNs = 900_000_000_000,
        });

        Assert.Equal(wanted.Id, Assert.Single(found).Id);
    }

    [SkippableFact]
    public async Task Each_filter_holds_alone()
    {
        Skip.IfNot(Missing is null, Missing);
        var odd = new string('o', 2_000);
        var labelled = StoreFixture.Log(1, "a");
        labelled.Record.Attributes.Add(new Dictionary<string, string> { ["k"] = odd, [odd] = "v", ["a."] = "dot" });
        await _store.AddAllAsync(
        [
            labelled,
            StoreFixture.Log(2, "b", node: odd),
            StoreFixture.Log(3, "c", service: ""),
            StoreFixture.Log(4, "d", severity: Severity.Fatal),
        ]);

        async Task<string> IdsAsync(LogQuery query) =>
            string.Join(' ', (await _store.FindAsync(query with { OldestFirst = true })).Select(f => f.Record.Message));

        Assert.Equal("b", await IdsAsync(new() { Nodes = [odd] }));
        Assert.Equal("a c d", await IdsAsync(new() { Nodes = ["n1"] }));
        Assert.Equal("c", await IdsAsync(new() { Services = [""] }));
        Assert.Equal("d", await IdsAsync(new() { MinSeverity = Severity.Error }));
        Assert.Equal("a", await IdsAsync(new() { Attributes = new Dictionary<string, string> { ["k"] = odd } }));
        Assert.Equal("a", await IdsAsync(new() { Attributes = new Dictionary<string, string> { [odd] = "v" } }));
        Assert.Equal("a", await IdsAsync(new() { Attributes = new Dictionary<string, string> { ["a."] = "dot" } }));
        Assert.Equal("", await IdsAsync(new() { Attributes = new Dictionary<string, string> { ["k"] = "v" } }));
        Assert.Equal("", await IdsAsync(new() { Attributes = new Dictionary<string, string> { ["k"] = odd, ["none"] = "" } }));
        Assert.Equal("b c", await IdsAsync(new() { FromNs = 2_000_000_000, ToNs = 4_000_000_000 }));
    }

    [SkippableFact]
    public void A_search_finds_exactly_what_a_comparison_finds()
    {
        Skip.IfNot(Missing is null, Missing);
        var run = 0;
        Prop.ForAll(Text.ListOf().ToArbitrary(), Text.ToArbitrary(), (messages, text) =>
        {
            var node = $"run-{++run}";
            _store.AddAllAsync(messages.Select((m, i) => StoreFixture.Log((ulong)i + 1, m, node))).GetAwaiter().GetResult();

            var found = _store.FindAsync(new() { Text = text, Nodes = [node], OldestFirst = true, Limit = 10_000 }).GetAwaiter().GetResult()
                .Select(f => f.Id).ToList();

            var expected = messages.Select((m, i) => (m, i)).Where(x => Grep.Finds(x.m, text)).Select(x => $"{node}:1:{x.i + 1}").ToList();
            return found.SequenceEqual(expected).Label($"expected [{string.Join(' ', expected)}], found [{string.Join(' ', found)}]");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [SkippableFact]
    public async Task A_search_of_real_logs_finds_what_grep_finds()
    {
        Skip.IfNot(Missing is null, Missing);
        var lines = RealLogs.Lines();
        Skip.If(lines.Count == 0, "No sample logs on this machine.");
        await _store.AddAllAsync(lines.Select((line, i) => StoreFixture.Log((ulong)i + 1, line)));

        foreach (var text in new[] { "error", "Authentication Failure", "[client ", "100%", "blk_", "\\", "a", "::", "= \"", "jan", "no such text anywhere" })
        {
            var found = await _store.FindAllPagesAsync(new() { Text = text, OldestFirst = true, Limit = 10_000 });

            Assert.Equal(lines.Where(l => Grep.Finds(l, text)), found.Select(f => f.Record.Message));
        }
    }

    [SkippableTheory]
    [InlineData(true, "")]
    [InlineData(false, "")]
    [InlineData(true, "needle")]
    [InlineData(false, "rare")]
    public async Task Pages_joined_are_the_whole(bool oldestFirst, string text)
    {
        Skip.IfNot(Missing is null, Missing);
        // Many logs share a time.
        const int Count = 3_000;
        await _store.AddAllAsync(Enumerable.Range(1, Count).Select(i =>
            StoreFixture.Log((ulong)i, i % 7 == 0 ? i % 497 == 0 ? "a rare needle" : "a needle" : "hay", at: DateTimeOffset.UnixEpoch.AddSeconds(i / 900))));

        var whole = await _store.FindAllPagesAsync(new() { Text = text, OldestFirst = oldestFirst, Limit = 10_000 });
        var pages = await _store.FindAllPagesAsync(new() { Text = text, OldestFirst = oldestFirst, Limit = 77 });

        var expected = Enumerable.Range(1, Count)
            .Where(i => text == "" || (text == "needle" && i % 7 == 0) || (text == "rare" && i % 497 == 0))
            .Select(i => $"n1:1:{i}");
        Assert.Equal(oldestFirst ? expected : expected.Reverse(), whole.Select(f => f.Id));
        Assert.Equal(whole.Select(f => f.Id), pages.Select(f => f.Id));
    }

    [SkippableFact]
    public async Task Pages_stay_right_while_new_logs_come()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync(Enumerable.Range(1, 60).Select(i => StoreFixture.Log((ulong)i, "old")));
        var newestFirst = new LogQuery { Limit = 10 };
        var oldestFirst = new LogQuery { Limit = 10, OldestFirst = true };
        var (down, up) = (new List<string>(), new List<string>());
        for (var round = 0; round < 9; round++)
        {
            var page = await _store.FindAsync(newestFirst);
            down.AddRange(page.Select(f => f.Id));
            if (page.Count > 0)
                newestFirst = newestFirst with { After = page[^1].Key };
            page = await _store.FindAsync(oldestFirst);
            up.AddRange(page.Select(f => f.Id));
            oldestFirst = oldestFirst with { After = page[^1].Key };

            await _store.AddAllAsync(Enumerable.Range(0, 5).Select(i => StoreFixture.Log((ulong)(101 + (round * 5) + i), "new")));
        }

        Assert.Equal(Enumerable.Range(1, 60).Reverse().Select(i => $"n1:1:{i}"), down);
        Assert.Equal(Enumerable.Range(1, 60).Concat(Enumerable.Range(101, 30)).Select(i => $"n1:1:{i}"), up);
    }

    [SkippableFact]
    public async Task Large_logs_come_in_pages_that_fit()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync(Enumerable.Range(1, 60).Select(i => StoreFixture.Log((ulong)i, $"{i} {new string('x', 600_000)}")));

        var found = await _store.FindAsync(new() { OldestFirst = true });

        Assert.Equal(Enumerable.Range(1, 60).Select(i => $"n1:1:{i}"), found.Select(f => f.Id));
    }

    [SkippableFact]
    public async Task A_search_that_nobody_waits_for_stops()
    {
        Skip.IfNot(Missing is null, Missing);
        await _store.AddAllAsync([StoreFixture.Log(1, "a")]);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _store.Store.SearchAsync(new(), cancelled.Token))
            {
            }
        });
    }

    [SkippableFact]
    public async Task Searches_run_beside_the_writer_and_see_whole_batches()
    {
        Skip.IfNot(Missing is null, Missing);
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(async () =>
        {
            for (var batch = 0; batch < 40; batch++)
            {
                await _store.AddAllAsync(Enumerable.Range(0, 50).Select(i => StoreFixture.Log((ulong)((batch * 50) + i + 1), $"batch {batch:D2} needle")));
                Interlocked.Add(ref written, 50);
            }

            stop.Cancel();
        });
        var searches = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var before = Volatile.Read(ref written);
                var found = await _store.FindAsync(new() { Text = "needle", Limit = 10_000 });
                Assert.True(found.Count >= before, $"{found.Count} found after {before} were flushed");
            }
        }));

        await Task.WhenAll([writer, .. searches]).WaitAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(2_000, (await _store.FindAsync(new() { Text = "needle", Limit = 10_000 })).Count);
    }

    [SkippableFact]
    public async Task An_alert_is_kept_once_and_its_end_is_added()
    {
        Skip.IfNot(Missing is null, Missing);
        var alert = new Alert { Fingerprint = "f", Kind = AlertKind.Node, Starts = StoreUnderTest.At(0) };
        var resolved = alert.Clone();
        resolved.Ends = StoreUnderTest.At(60);
        var resolvedLater = alert.Clone();
        resolvedLater.Ends = StoreUnderTest.At(90);

        _store.Store.Add(new AlertDocument("f:1", alert));
        _store.Store.Add(new AlertDocument("f:1", alert));
        await _store.FlushAsync();
        Assert.Equal([alert], await _store.AlertsAsync(new()));
        _store.Store.Add(new AlertDocument("f:1", resolved));
        // A replay after a crash brings the beginning again; and the first end stays.
        _store.Store.Add(new AlertDocument("f:1", alert));
        _store.Store.Add(new AlertDocument("f:1", resolvedLater));
        await _store.FlushAsync();

        Assert.Equal([resolved], await _store.AlertsAsync());
        Assert.Empty(await _store.AlertsAsync(new() { IncludeResolved = false }));
    }

    [SkippableFact]
    public async Task Alerts_are_listed_newest_first_across_pages()
    {
        Skip.IfNot(Missing is null, Missing);
        foreach (var i in Enumerable.Range(0, 1_201))
        {
            _store.Store.Add(new AlertDocument($"f:{i}", new()
            {
                Fingerprint = $"f{i}",
                Kind = i % 2 == 0 ? AlertKind.Log : AlertKind.Node,
                Starts = StoreUnderTest.At(i / 7),
            }));
        }

        await _store.FlushAsync();

        Assert.Equal(Enumerable.Range(0, 1_201).Reverse().Select(i => $"f{i}"), (await _store.AlertsAsync()).Select(a => a.Fingerprint));
        Assert.Equal(600, (await _store.AlertsAsync(new() { Kind = AlertKind.Node })).Count);
        Assert.Equal(["f1200", "f1199"], (await _store.AlertsAsync(new() { Limit = 2 })).Select(a => a.Fingerprint));
        Assert.Equal(1_201 - 700, (await _store.AlertsAsync(new() { FromNs = 100_000_000_000 })).Count);
    }
}
