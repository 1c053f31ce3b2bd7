using FsCheck;
using FsCheck.Fluent;
using Monitor.LogStore;

namespace Monitor.Tests.LogStore;

public sealed class LogSearchTests(RealLogStore real) : IClassFixture<RealLogStore>
{
    // Few letters, so that texts repeat and overlap; and every character that some layer could take for its own.
    private static readonly Gen<string> Text = Gen.Elements(
            'a', 'B', 'b', 'A', '%', '_', '\\', '"', '\'', '*', '-', ' ', '\r', '\0', 'é', 'É', '日', '(', ')', '?', '[', ':', '\uD83D', '\uDE00')
        .ListOf().Select(chars => new string([.. chars]));

    [Fact]
    public void A_search_finds_exactly_what_a_comparison_finds() =>
        Prop.ForAll(Text.ListOf().ToArbitrary(), Text.ToArbitrary(), (messages, text) =>
        {
            using var fixture = new StoreFixture();
            fixture.AddAll(messages.Select((m, i) => StoreFixture.Log((ulong)i + 1, m)));

            // Once by reading in order, once by the index alone.
            var scanned = Ids(fixture, text);
            var indexed = IndexedIds(fixture, text);

            var expected = messages.Select((m, i) => (m, i)).Where(x => Grep.Finds(x.m, text)).Select(x => $"n1:1:{x.i + 1}").ToList();
            return (scanned.SequenceEqual(expected) && indexed.SequenceEqual(expected))
                .Label($"expected [{string.Join(' ', expected)}], scanned [{string.Join(' ', scanned)}], indexed [{string.Join(' ', indexed)}]");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [SkippableTheory]
    [InlineData("error")]
    [InlineData("Authentication Failure")]
    [InlineData("[client ")]
    [InlineData("100%")]
    [InlineData("blk_")]
    [InlineData("\\")]
    [InlineData("a")]
    [InlineData("::")]
    [InlineData("= \"")]
    [InlineData("jan")]
    [InlineData("no such text anywhere")]
    public async Task A_search_of_real_logs_finds_what_grep_finds(string text)
    {
        Skip.If(real.Lines.Count == 0, "No sample logs on this machine.");

        var found = await AllPagesAsync(real.Fixture, new() { Text = text, OldestFirst = true, Limit = 10_000 });

        Assert.Equal(real.Lines.Where(l => Grep.Finds(l, text)), found.Select(f => f.Record.Message));
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "")]
    [InlineData(true, "needle")]
    [InlineData(false, "needle")]
    [InlineData(false, "rare")]
    public async Task Pages_joined_are_the_whole(bool oldestFirst, string text)
    {
        using var fixture = new StoreFixture();
        // Many logs share a time, and they are more than are scanned before the index is asked.
        var count = LogSearch.ScanRows + 4_000;
        fixture.AddAll(Enumerable.Range(1, count).Select(i =>
            StoreFixture.Log((ulong)i, i % 7 == 0 ? i % 497 == 0 ? "a rare needle" : "a needle" : "hay", at: DateTimeOffset.UnixEpoch.AddSeconds(i / 900))));

        var whole = await AllPagesAsync(fixture, new() { Text = text, OldestFirst = oldestFirst, Limit = 10_000 });
        var pages = await AllPagesAsync(fixture, new() { Text = text, OldestFirst = oldestFirst, Limit = 777 });

        var expected = Enumerable.Range(1, count)
            .Where(i => text == "" || (text == "needle" && i % 7 == 0) || (text == "rare" && i % 497 == 0))
            .Select(i => $"n1:1:{i}");
        Assert.Equal(oldestFirst ? expected : expected.Reverse(), whole.Select(f => f.Id));
        Assert.Equal(whole.Select(f => f.Id), pages.Select(f => f.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_page_of_a_time_range_costs_no_more_than_an_early_one(bool oldestFirst)
    {
        using var fixture = new StoreFixture();
        const int count = 20_000;
        fixture.AddAll(Enumerable.Range(1, count).Select(i => StoreFixture.Log((ulong)i, "hay", at: DateTimeOffset.UnixEpoch.AddSeconds(i))));
        var all = new LogQuery { FromNs = 0, ToNs = long.MaxValue, OldestFirst = oldestFirst, Limit = 100 };
        var early = (await fixture.FindAsync(all))[^1].Key;
        var late = (await fixture.FindAsync(all with { OldestFirst = !oldestFirst, Limit = 200 }))[^1].Key;

        var costEarly = Steps(fixture, all with { After = early });
        var costLate = Steps(fixture, all with { After = late });

        Assert.InRange(costLate, 1, costEarly * 3 / 2);
    }

    private static async Task<List<FoundLog>> AllPagesAsync(StoreFixture fixture, LogQuery query)
    {
        var all = new List<FoundLog>();
        while (true)
        {
            var page = await fixture.FindAsync(query);
            all.AddRange(page);
            if (page.Count < query.Limit)
                return all;
            query = query with { After = page[^1].Key };
        }
    }

    // What SQLite did for one page, in steps of its own machine: a measure that no busy computer disturbs.
    private static int Steps(StoreFixture fixture, LogQuery query)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={fixture.File};Mode=ReadOnly;Pooling=false");
        connection.Open();
        var steps = 0;
        SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, 10, _ =>
        {
            steps += 10;
            return 0;
        }, null);
        var page = new LogPage();
        new LogSearch(query).ReadPage(connection, page);
        Assert.Equal(query.Limit, page.Logs.Count);
        return steps;
    }

    private static List<string> Ids(StoreFixture fixture, string text) =>
        [.. fixture.FindAsync(new() { Text = text, OldestFirst = true, Limit = 10_000 }).GetAwaiter().GetResult().Select(f => f.Id)];

    private static List<string> IndexedIds(StoreFixture fixture, string text)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={fixture.File};Mode=ReadOnly;Pooling=false");
        connection.Open();
        var search = new LogSearch(new() { Text = text, OldestFirst = true, Limit = 10_000 }, scanRows: 0);
        var page = new LogPage();
        var ids = new List<string>();
        while (!search.Ended)
        {
            search.ReadPage(connection, page);
            ids.AddRange(page.Logs.Select(l => l.Id));
        }

        return ids;
    }
}
