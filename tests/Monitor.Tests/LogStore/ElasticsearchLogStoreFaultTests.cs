using Elasticsearch;
using Monitor.LogStore;
using Streams;
using Streams.Contracts.V1;
using TestKit;

namespace Monitor.Tests.LogStore;

/// <summary>What a server does that misbehaves: nothing is lost, nothing is stored twice, and no commit passes before its documents are accepted.</summary>
public sealed class ElasticsearchLogStoreFaultTests : IAsyncLifetime
{
    private FakeElasticsearch _server = null!;
    private ElasticsearchStoreFixture? _fixture;

    public async Task InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    public async Task DisposeAsync()
    {
        if (_fixture is not null)
            await _fixture.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public void Documents_lie_in_indexes_by_nature_and_by_the_day_of_their_receipt()
    {
        var fixture = Open(o => o.IndexPattern = "acme-{nature}-{day}");
        var received = new DateTimeOffset(2026, 11, 27, 23, 59, 59, TimeSpan.Zero);
        var late = StoreFixture.Log(2, "an old line, read today", severity: Severity.Warn);
        late.Record.Observed = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(received);

        fixture.Store.Add(StoreFixture.Log(1, "info", at: received));
        fixture.Store.Add(late);
        fixture.Store.Add(new AlertDocument("f:n1:1:2", new() { Fingerprint = "f", Log = late.Record, Starts = late.Record.Time }));
        fixture.Elasticsearch.Add("n1:1:1", new Heartbeat { NodeId = "n1", Observed = late.Record.Observed, Vitals = new() { CpuRatio = double.NaN, QueueBytes = ulong.MaxValue } }, new("heartbeats", 0, 1), 0);
        fixture.Elasticsearch.Add("n1:0:3", new NodeEvent { NodeId = "n1", To = NodeState.Down, At = late.Record.Observed }, new("node-events", 0, 1), 0);
        fixture.Store.Flush();

        Assert.Equal(
            ["acme-alerts-2026.11.27", "acme-heartbeats-2026.11.27", "acme-logs-alert-2026.11.27", "acme-logs-info-2026.11.27", "acme-node-events-2026.11.27"],
            _server.Documents.Keys.Select(key => key.Index).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_flush_returns_only_when_everything_was_accepted()
    {
        var gate = new TaskCompletionSource();
        _server.Faults.Enqueue(new(Wait: gate.Task));
        var fixture = Open();
        fixture.Store.Add(StoreFixture.Log(1, "slow"));

        var flush = Task.Run(fixture.Store.Flush);
        while (_server.Bulks == 0)
            await Task.Yield();

        Assert.False(flush.IsCompleted);
        gate.SetResult();
        await flush.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(_server.Documents);
    }

    [Fact]
    public async Task What_waits_for_company_is_sent_without_a_flush()
    {
        var fixture = Open(o => o.Linger = TimeSpan.FromMilliseconds(20));

        fixture.Store.Add(StoreFixture.Log(1, "alone"));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_server.Documents.Count == 0)
            await Task.Delay(5, limit.Token);
    }

    [Fact]
    public async Task A_server_that_is_slow_slows_the_reader_and_memory_stays_bounded()
    {
        var gate = new TaskCompletionSource();
        _server.ByNumber = _ => new(Wait: gate.Task);
        var fixture = Open(o => (o.BulkBytesMax, o.BulksInFlightMax) = (64 << 10, 2));
        var added = 0;
        var reader = Task.Run(() =>
        {
            foreach (var i in Enumerable.Range(1, 3_000))
            {
                fixture.Store.Add(StoreFixture.Log((ulong)i, new string('x', 500)));
                Volatile.Write(ref added, i);
            }

            fixture.Store.Flush();
        });
        while (_server.Bulks < 2)
            await Task.Yield();

        // Two on the way, one that waits, and the reader with it: about 90 documents each.
        var stuck = -1;
        while (stuck != Volatile.Read(ref added))
        {
            stuck = Volatile.Read(ref added);
            await Task.Delay(50);
        }

        Assert.InRange(stuck, 150, 400);
        Assert.False(reader.IsCompleted);
        gate.SetResult();
        await reader.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(3_000, _server.Documents.Count);
        Assert.Equal(2, _server.BulksAtOnceMax);
        Assert.InRange(_server.BulkBytesMax, 64 << 10, 70 << 10);
    }

    [Fact]
    public async Task A_run_of_faults_with_several_writers_loses_nothing_and_doubles_nothing()
    {
        const int Writers = 4;
        const int Each = 1_500;
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        _server.BodyBytesMax = 12_000;
        _server.ByNumber = number => chance.Next(9) switch
        {
            _ when number % 4 == 0 => null,
            0 => new(Status: 429, RetryAfter: "0"),
            1 => new(Status: 503, Takes: true),
            2 => new(CutAfter: chance.Next(200)),
            3 => new(Body: """{"items":[{"""),
            4 or 5 => new(RefuseItem: i => (i ^ seed) % 5 == 0 ? (429, "es_rejected_execution_exception") : null),
            _ => null,
        };
        _server.Check = document => document.GetProperty("message").GetString() == "poison" ? (400, "document_parsing_exception") : null;
        var fixture = Open(o => (o.BulkBytesMax, o.BulksInFlightMax) = (64 << 10, 3));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            foreach (var i in Enumerable.Range(1, Each))
            {
                fixture.Store.Add(StoreFixture.Log((ulong)i, i % 500 == 0 ? "poison" : $"log {i}", node: $"n{writer}"));
                if (i % 100 == 0)
                    fixture.Store.Flush();
            }
        }))).WaitAsync(TimeSpan.FromMinutes(3));

        var ids = _server.Documents.Keys.Select(key => key.Id).ToHashSet();
        var expected = Enumerable.Range(0, Writers).SelectMany(w => Enumerable.Range(1, Each).Select(i => (Id: $"n{w}:1:{i}", Poison: i % 500 == 0))).ToList();
        Assert.True(expected.All(e => ids.Contains(e.Id) != e.Poison), $"Something is missing, or was stored though it does not fit (seed {seed}).");
        Assert.True(_server.Documents.Count == Writers * (Each - 3), $"{_server.Documents.Count} documents (seed {seed}).");
        Assert.Equal(expected.Where(e => e.Poison).Select(e => e.Id).Order(), fixture.DeadLetters.Records.Select(r => r.Id).Order());
    }

    [Fact]
    public void A_document_that_does_not_fit_is_a_dead_letter_with_its_record_and_the_reason()
    {
        _server.Check = document => document.GetProperty("message").GetString() == "poison" ? (400, "document_parsing_exception") : null;
        var fixture = Open();
        var poison = StoreFixture.Log(2, "poison") with { Source = new RecordMetadata("logs", 3, 77) };
        fixture.Store.Add(StoreFixture.Log(1, "fine"));
        fixture.Store.Add(poison);

        fixture.Store.Flush();

        var letter = Assert.Single(fixture.DeadLetters.Records);
        Assert.Equal(("n1:1:2", "n1", poison.Record, poison.Source), (letter.Id, letter.Key, letter.Message, letter.Source));
        Assert.Equal("Elasticsearch: 400 document_parsing_exception: refused on cue", letter.Reason);
        Assert.Single(_server.Documents);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_once_and_waited_for()
    {
        await _server.CloseAsync();
        var fixture = Open();

        Assert.False(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.False(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.Contains("Connection refused", fixture.Elasticsearch.Waiting, StringComparison.Ordinal);
        Assert.Contains("What comes waits in Kafka", Assert.Single(fixture.Log.Messages), StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.FindAsync(new()));
        fixture.Store.Add(StoreFixture.Log(1, "patient"));
        var flush = Task.Run(fixture.Store.Flush);
        await _server.OpenAsync();
        await flush.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Null(fixture.Elasticsearch.Waiting);
        Assert.Single(_server.Documents);
    }

    [Fact]
    public async Task A_server_that_was_lost_gets_its_template_again_before_it_gets_documents()
    {
        var fixture = Open();
        fixture.Store.Add(StoreFixture.Log(1, "before"));
        fixture.Store.Flush();
        await _server.CloseAsync();
        _server.Puts.Clear();
        fixture.Store.Add(StoreFixture.Log(2, "after"));
        var flush = Task.Run(fixture.Store.Flush);
        while (!fixture.Log.Messages.Any(m => m.Contains("has not taken", StringComparison.Ordinal)))
            await Task.Delay(5);

        await _server.OpenAsync();
        await flush.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(3, _server.Puts.Count);
        var last = _server.Requests.ToList();
        Assert.True(last.FindLastIndex(r => r.StartsWith("PUT /_index_template/", StringComparison.Ordinal)) < last.FindLastIndex(r => r.EndsWith("_bulk", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_to_which_nothing_is_written_is_found_to_be_away_and_back_by_a_look()
    {
        var fixture = Open();
        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.Equal(3, _server.Puts.Count);

        await _server.CloseAsync();
        _server.Puts.Clear();
        Assert.False(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.False(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.Contains("got no answer", fixture.Elasticsearch.Waiting, StringComparison.Ordinal);
        Assert.Single(fixture.Log.Messages, m => m.StartsWith("Elasticsearch cannot be used yet", StringComparison.Ordinal));

        // What is back may be another server, that has nothing of ours.
        await _server.OpenAsync();
        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.Null(fixture.Elasticsearch.Waiting);
        Assert.Equal(3, _server.Puts.Count);
    }

    [Fact]
    public async Task A_stop_leaves_what_is_not_accepted_to_the_next_start_and_no_later_flush_passes()
    {
        _server.ByNumber = _ => new(Status: 503);
        var fixture = Open();
        fixture.Store.Add(StoreFixture.Log(1, "not accepted"));
        var flush = Task.Run(fixture.Store.Flush);
        while (_server.Bulks == 0)
            await Task.Yield();

        fixture.Elasticsearch.GiveUp();

        var refusal = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("read again at the next start", refusal.Message, StringComparison.Ordinal);
        _server.ByNumber = _ => null;
        Assert.Throws<OperationCanceledException>(fixture.Store.Flush);
        Assert.Throws<OperationCanceledException>(() => fixture.Store.Add(StoreFixture.Log(2, "too late")));
    }

    [Theory]
    [InlineData("7.17.9")]
    [InlineData("8.14.1")]
    [InlineData("9.2.0")]
    public void Known_versions_are_used(string version)
    {
        _server.Version = version;
        var fixture = Open();
        fixture.Store.Add(StoreFixture.Log(1, "a"));

        fixture.Store.Flush();

        Assert.Single(_server.Documents);
        Assert.Contains($"Elasticsearch {version} at", fixture.Log.Messages[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.16.3", null, "is Elasticsearch 7.16.3; the log store needs 7.17 or newer")]
    [InlineData("2.11.0", "opensearch", "is opensearch 2.11.0, not Elasticsearch")]
    public async Task Other_servers_are_refused_with_the_reason(string version, string? distribution, string says)
    {
        (_server.Version, _server.Distribution) = (version, distribution);
        var fixture = Open();

        Assert.False(await fixture.Elasticsearch.TryPrepareAsync(default));

        Assert.Contains(says, fixture.Elasticsearch.Waiting, StringComparison.Ordinal);
        Assert.Empty(_server.Puts);
    }

    [Fact]
    public async Task Templates_and_policy_are_installed_as_set_and_a_newer_template_is_left_alone()
    {
        var fixture = Open(o => (o.TemplateName, o.TemplatePriority, o.IndexPattern) = ("acme", 512, "acme-{nature}-{day}"), retentionDays: 30);

        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));

        Assert.Equal(["/_component_template/acme-mappings", "/_ilm/policy/acme-lifecycle", "/_index_template/acme-indexes"], _server.Puts.Keys.Order());
        var policy = _server.Puts["/_ilm/policy/acme-lifecycle"]["policy"]!;
        Assert.Equal("30d", (string?)policy["phases"]!["delete"]!["min_age"]);

        // Policies are parsed strictly, and older servers know nothing else in them: no "_meta" as in templates.
        Assert.Equal(["phases"], policy.AsObject().Select(field => field.Key));
        var template = _server.Puts["/_index_template/acme-indexes"];
        Assert.Equal("acme-logs-info-*", (string?)template["index_patterns"]![0]);
        Assert.Equal(512, (int)template["priority"]!);
        Assert.Equal("acme-mappings", (string?)template["composed_of"]![0]);
        Assert.Equal("acme-lifecycle", (string?)template["template"]!["settings"]!["lifecycle"]!["name"]);

        template["version"] = 99;
        _server.Puts.TryRemove("/_component_template/acme-mappings", out _);
        fixture.Reopen();
        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        Assert.DoesNotContain("/_component_template/acme-mappings", _server.Puts.Keys);
        Assert.Contains(fixture.Log.Messages, m => m.Contains("is of version 99, newer than ours", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_lifecycles_is_said_once_and_goes_on()
    {
        _server.HasLifecycles = false;
        var fixture = Open();

        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        fixture.Store.Add(StoreFixture.Log(1, "a"));
        fixture.Store.Flush();

        Assert.Single(fixture.Log.Messages, m => m.Contains("has no index lifecycle management", StringComparison.Ordinal));
        Assert.False(_server.Puts[$"/_index_template/{fixture.Options.TemplateName}-indexes"]["template"]!["settings"]!.AsObject().ContainsKey("lifecycle"));
    }

    private ElasticsearchStoreFixture Open(Action<ElasticsearchStoreOptions>? set = null, int retentionDays = 7) =>
        _fixture = new(_server.Url, set, retentionDays);
}
