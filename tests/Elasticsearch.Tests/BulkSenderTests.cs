using TestKit;

namespace Elasticsearch.Tests;

/// <summary>Whatever goes wrong on the way: every document once, or rejected with a reason.</summary>
public sealed class BulkSenderTests
{
    [Fact]
    public async Task Documents_are_taken_and_counted()
    {
        await using var bench = await BulkBench.StartAsync();

        var first = await bench.SendAsync(BulkBench.Batch(10));
        var again = await bench.SendAsync(BulkBench.Batch(10, from: 6));

        Assert.Equal((10, 0, 0), (first.Created, first.Present, first.Repetitions));
        Assert.Equal((5, 5, 0), (again.Created, again.Present, again.Repetitions));
        Assert.Equal(15, bench.Server.Documents.Count);
    }

    public static TheoryData<string, BulkFault> Outages => new()
    {
        { "429", new(Status: 429) },
        { "500", new(Status: 500) },
        { "502", new(Status: 502, Body: "<html>Bad Gateway</html>") },
        { "503", new(Status: 503) },
        { "refused credentials", new(Status: 401) },
        { "no rights", new(Status: 403) },
        { "cut before anything was done", new(Status: 503, CutAfter: 0) },
        { "cut before the answer, all of it taken", new(CutAfter: 0) },
        { "cut in the middle of the answer, all of it taken", new(CutAfter: 40) },
        { "503 by a proxy, all of it taken", new(Status: 503, Takes: true) },
        { "half a JSON, all of it taken", new(Body: """{"errors":false,"items":[{"create":{"sta""") },
        { "an answer for fewer documents, all of it taken", new(Body: """{"errors":false,"items":[{"create":{"status":201}}]}""") },
        { "another JSON, all of it taken", new(Body: "[1,2,3]") },
        { "a page, all of it taken", new(Body: "<html>welcome to our cache</html>") },
        { "nothing, all of it taken", new(Body: "") },
    };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task After_an_outage_every_document_is_there_once(string outage, BulkFault fault)
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.Faults.Enqueue(fault);
        bench.Server.Faults.Enqueue(fault);

        var outcome = await bench.SendAsync(BulkBench.Batch(20));

        Assert.Equal(20, outcome.Created + outcome.Present);
        Assert.Equal(Enumerable.Range(1, 20), bench.Server.Documents.Values.Select(d => d.GetProperty("n").GetInt32()).Order());
        Assert.Empty(outcome.Rejections);
        Assert.Equal(2, outcome.Repetitions);
        Assert.True(bench.Log.Count == 2, outage);
    }

    [Fact]
    public async Task A_long_outage_is_said_once_and_so_is_its_end()
    {
        await using var bench = await BulkBench.StartAsync();
        foreach (var _ in Enumerable.Range(0, 10))
            bench.Server.Faults.Enqueue(new(Status: 503));

        await bench.SendAsync(BulkBench.Batch(20));

        Assert.Equal(10, bench.Log.Count);
        Assert.Collection(
            bench.Said,
            line => Assert.StartsWith("Elasticsearch has not taken 20 documents yet: ", line, StringComparison.Ordinal),
            line => Assert.Equal("Elasticsearch takes documents again.", line));
    }

    [Fact]
    public async Task Of_a_batch_that_was_taken_in_part_the_rest_is_sent_again_and_nothing_else()
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.Faults.Enqueue(new(RefuseItem: i => i % 3 == 0 ? (429, "es_rejected_execution_exception") : null));
        bench.Server.Faults.Enqueue(new(RefuseItem: i => i == 1 ? (503, "unavailable_shards_exception") : null));

        var outcome = await bench.SendAsync(BulkBench.Batch(30));

        Assert.Equal((30, 2), (outcome.Created, outcome.Repetitions));
        Assert.Equal(30, bench.Server.Documents.Count);
        Assert.Equal(20, bench.Server.Sent.Values.Count(times => times == 1));
        Assert.Equal(9, bench.Server.Sent.Values.Count(times => times == 2));
        Assert.Equal(1, bench.Server.Sent.Values.Count(times => times == 3));
    }

    [Fact]
    public async Task A_document_that_does_not_fit_is_rejected_with_the_reason_and_the_others_are_taken()
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.Check = document => document.GetProperty("n").GetInt32() is 7 or 8 ? (400, "document_parsing_exception") : null;

        var outcome = await bench.SendAsync(BulkBench.Batch(10));

        Assert.Equal(8, outcome.Created);
        Assert.Equal([(6, 400), (7, 400)], outcome.Rejections.Select(r => (r.Item, r.Status)));
        Assert.Equal("document_parsing_exception: refused on cue", outcome.Rejections[0].Reason);
        Assert.Equal(0, outcome.Repetitions);
    }

    [Theory]
    [InlineData("cluster_block_exception", 403)]
    [InlineData("index_not_found_exception", 404)]
    [InlineData("index_closed_exception", 400)]
    [InlineData("validation_exception", 400)]
    [InlineData("security_exception", 403)]
    public async Task What_is_wrong_with_the_cluster_is_not_the_documents_fault(string type, int status)
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.Faults.Enqueue(new(RefuseItem: _ => (status, type)));

        var outcome = await bench.SendAsync(BulkBench.Batch(3));

        Assert.Equal((3, 1), (outcome.Created, outcome.Repetitions));
        Assert.Contains(type, Assert.Single(bench.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_halved_until_it_fits()
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.BodyBytesMax = 400;

        var outcome = await bench.SendAsync(BulkBench.Batch(1_000));

        Assert.Equal((1_000, 0), (outcome.Created, outcome.Rejections.Count));
        Assert.Equal(1_000, bench.Server.Documents.Count);
        Assert.All(bench.Server.Sent.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task One_document_that_is_too_large_by_itself_is_rejected_alone()
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.BodyBytesMax = 2_000;
        using var batch = BulkBench.Batch(40);
        var large = batch.BeginCreate("logs", "large");
        large.WriteStartObject();
        large.WriteNumber("n"u8, 0);
        var noise = new byte[4_000];
        new Random(1).NextBytes(noise);
        large.WriteBase64String("noise"u8, noise);
        large.WriteEndObject();
        batch.End();

        var outcome = await bench.SendAsync(batch);

        Assert.Equal(40, outcome.Created);
        Assert.Equal((40, 413), (Assert.Single(outcome.Rejections).Item, outcome.Rejections[0].Status));
    }

    [Fact]
    public async Task Pauses_double_up_to_the_longest_and_the_same_seed_makes_the_same_pauses()
    {
        async Task<List<TimeSpan>> PausesAsync(int seed)
        {
            await using var bench = await BulkBench.StartAsync(
                settings => (settings.FirstPause, settings.LongestPause) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)), seed);
            foreach (var _ in Enumerable.Range(0, 10))
                bench.Server.Faults.Enqueue(new(Status: 503));
            await bench.SendAsync(BulkBench.Batch(1));
            return bench.Pauses;
        }

        var pauses = await PausesAsync(1);

        Assert.Equal(10, pauses.Count);
        Assert.All(pauses, pause => Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(20)));
        Assert.True(pauses[0] < TimeSpan.FromSeconds(4), $"The first pause was {pauses[0]}.");
        Assert.True(pauses.TakeLast(3).Average(p => p.TotalSeconds) > 8, string.Join(' ', pauses));
        Assert.Equal(pauses, await PausesAsync(1));
        Assert.NotEqual(pauses, await PausesAsync(2));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Sat, 01 Jan 2000 00:00:42 GMT", 42)]
    [InlineData("86400", 300)]
    public async Task A_server_that_names_a_time_is_given_it_within_reason(string retryAfter, int seconds)
    {
        await using var bench = await BulkBench.StartAsync();
        bench.Server.Faults.Enqueue(new(Status: 429, RetryAfter: retryAfter));

        await bench.SendAsync(BulkBench.Batch(1));

        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(bench.Pauses));
    }

    [Fact]
    public async Task A_slow_answer_is_waited_for_no_longer_than_the_limit_and_nothing_is_doubled()
    {
        var never = new TaskCompletionSource();
        await using var bench = await BulkBench.StartAsync(settings => settings.RequestTimeout = TimeSpan.FromSeconds(5));
        bench.Server.Faults.Enqueue(new(Wait: never.Task));
        var sending = bench.SendAsync(BulkBench.Batch(5));
        while (bench.Server.Bulks == 0)
            await Task.Yield();

        bench.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(5, (await sending).Created);
        Assert.Contains("was not answered within 5 s", Assert.Single(bench.Log), StringComparison.Ordinal);
        Assert.Equal(5, bench.Server.Documents.Count);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_waited_for_and_another_node_is_asked()
    {
        await using var other = await FakeElasticsearch.StartAsync();
        await using var bench = await BulkBench.StartAsync(settings => settings.Urls = [settings.Urls[0], other.Url]);
        await bench.Server.CloseAsync();

        var outcome = await bench.SendAsync(BulkBench.Batch(5));

        Assert.Equal((5, 1), (outcome.Created, outcome.Repetitions));
        Assert.Equal(5, other.Documents.Count);
    }

    [Fact]
    public async Task A_sender_that_is_told_to_stop_stops_in_the_middle_of_a_pause()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        server.ByNumber = _ => new(Status: 503, RetryAfter: "200");
        var settings = new ElasticsearchSettings { Urls = [server.Url] };
        using var client = new ElasticsearchClient(settings, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var sender = new BulkSender(client, settings, 1, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var sending = sender.SendAsync(BulkBench.Batch(1), null, stop.Token);
        while (server.Bulks == 0)
            await Task.Yield();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_random_run_of_faults_loses_nothing_and_doubles_nothing()
    {
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        await using var bench = await BulkBench.StartAsync(seed: seed);
        bench.Server.BodyBytesMax = 3_000;
        bench.Server.ByNumber = number => chance.Next(8) switch
        {
            _ when number % 5 == 0 => null,
            0 => new(Status: 429),
            1 => new(Status: 503, Takes: true),
            2 => new(CutAfter: chance.Next(60)),
            3 => new(Body: "{"),
            4 or 5 => new(RefuseItem: i => (i ^ seed) % 4 == 0 ? (429, "es_rejected_execution_exception") : null),
            _ => null,
        };
        var outcomes = new List<BulkOutcome>();

        for (var batch = 0; batch < 20; batch++)
            outcomes.Add(await bench.SendAsync(BulkBench.Batch(50, from: (batch * 50) + 1)));

        Assert.True(bench.Server.Documents.Count == 1_000, $"{bench.Server.Documents.Count} of 1,000 documents are there (seed {seed}).");
        Assert.True(outcomes.Sum(o => o.Created + o.Present) == 1_000, $"Not every document was counted once (seed {seed}).");
        Assert.True(outcomes.Sum(o => o.Repetitions) > 0, $"No fault came (seed {seed}).");
    }
}
