using System.Diagnostics;
using Elasticsearch;
using Microsoft.Extensions.Time.Testing;
using Monitor.LogStore;
using Streams.Contracts.V1;
using TestKit;

namespace Monitor.Tests.LogStore;

/// <summary>What only a real Elasticsearch can show.</summary>
[Collection(OnElasticsearch.Name)]
public sealed class ElasticsearchLogStoreTests(ElasticsearchServer server) : IAsyncLifetime
{
    private ElasticsearchStoreFixture? _fixture;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_fixture is not null)
            await _fixture.DisposeAsync();
    }

    [SkippableFact]
    public async Task Installing_twice_is_installing_once()
    {
        Skip.IfNot(RealElasticsearch.Missing is null, RealElasticsearch.Missing);
        var fixture = Open();

        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));
        fixture.Reopen();
        Assert.True(await fixture.Elasticsearch.TryPrepareAsync(default));

        using var http = new HttpClient();
        var template = await http.GetStringAsync($"{server.Url}/_index_template/{fixture.Options.TemplateName}-indexes");
        Assert.Contains("\"priority\":300", template, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Fields_are_of_the_types_of_the_common_schema()
    {
        Skip.IfNot(RealElasticsearch.Missing is null, RealElasticsearch.Missing);
        var fixture = Open();
        var log = StoreFixture.Log(1, "disk full", severity: Severity.Error);
        log.Record.Attributes.Add("http.status", "500");
        await fixture.AddAllAsync([log]);

        using var http = new HttpClient();
        var mapping = await http.GetStringAsync(
            $"{server.Url}/{fixture.AllIndexes}/_mapping/field/@timestamp,message,log.level,host.name,service.name,labels,event.severity");
        var found = await http.GetStringAsync($"{server.Url}/{fixture.AllIndexes}/_search?q=log.level:error%20AND%20message:disk%20AND%20labels.http.status:500");

        foreach (var type in new[] { "\"@timestamp\":{\"type\":\"date\"}", "\"level\":{\"type\":\"keyword\"", "\"labels\":{\"type\":\"flattened\"", "\"severity\":{\"type\":\"long\"}" })
            Assert.Contains(type, mapping, StringComparison.Ordinal);
        Assert.Contains("\"disk full\"", found, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_lifecycles_indexes_past_their_age_are_dropped_by_the_sweep()
    {
        Skip.IfNot(RealElasticsearch.Missing is null, RealElasticsearch.Missing);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var fixture = Open(time: time);
        await fixture.AddAllAsync([StoreFixture.Log(1, "a"), StoreFixture.Log(2, "b"), StoreFixture.Log(3, "c", severity: Severity.Error)]);
        Skip.If(fixture.Log.Messages.All(m => !m.Contains("no index lifecycle management", StringComparison.Ordinal)), "This server has lifecycle management.");

        time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(0, await fixture.Store.SweepAsync(default));
        time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(3, await fixture.Store.SweepAsync(default));
        Assert.Empty(await fixture.FindAsync(new()));
    }

    [SkippableFact]
    public async Task What_others_put_into_a_matching_index_does_not_disturb_a_search()
    {
        Skip.IfNot(RealElasticsearch.Missing is null, RealElasticsearch.Missing);
        var fixture = Open();
        await fixture.AddAllAsync([StoreFixture.Log(1, "ours")]);
        using var http = new HttpClient();
        var index = fixture.Options.IndexPattern.Replace("{nature}", "logs-info", StringComparison.Ordinal).Replace("{day}", "1970.01.01", StringComparison.Ordinal);
        using var body = new StringContent("""{"message":"theirs"}""", System.Text.Encoding.UTF8, "application/json");
        (await http.PostAsync($"{server.Url}/{index}/_doc?refresh=true", body)).EnsureSuccessStatusCode();

        Assert.Equal("ours", Assert.Single(await fixture.FindAsync(new())).Record.Message);
    }

    [SkippableFact]
    public async Task A_password_is_needed_where_the_server_wants_one_and_an_API_key_does_too()
    {
        Skip.IfNot(RealElasticsearch.OwnMissing is null, RealElasticsearch.OwnMissing);
        // 7.17 has no API keys without TLS unless told so.
        await using var secured = await RealElasticsearch.StartOwnAsync("--password", "right-secret", "--set", "xpack.security.authc.api_key.enabled=true");
        await using var named = new ElasticsearchStoreFixture(secured.Url, o => (o.Username, o.Password) = ("elastic", "right-secret"));
        await using var wrong = new ElasticsearchStoreFixture(secured.Url, o => (o.Username, o.Password) = ("elastic", "wrong-secret"));

        await named.AddAllAsync([StoreFixture.Log(1, "a")]);
        Assert.Single(await named.FindAsync(new()));
        Assert.False(await wrong.Elasticsearch.TryPrepareAsync(default));
        Assert.Contains("401", wrong.Elasticsearch.Waiting, StringComparison.Ordinal);
        Assert.All(wrong.Log.Messages.Concat(named.Log.Messages), m => Assert.DoesNotContain("-secret", m, StringComparison.Ordinal));

        await using var keyed = new ElasticsearchStoreFixture(secured.Url, o => o.ApiKey = CreateApiKey(secured.Url));
        await keyed.AddAllAsync([StoreFixture.Log(2, "b")]);
        Assert.Equal("b", Assert.Single(await keyed.FindAsync(new())).Record.Message);
    }

    [SkippableFact]
    public async Task A_server_that_is_killed_and_comes_back_has_every_document_once()
    {
        Skip.IfNot(RealElasticsearch.OwnMissing is null, RealElasticsearch.OwnMissing);
        const int Count = 20_000;
        await using var own = await RealElasticsearch.StartOwnAsync();
        await using var fixture = new ElasticsearchStoreFixture(own.Url, o =>
            (o.BulkBytesMax, o.FirstPause, o.LongestPause, o.RequestTimeout) = (256 << 10, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)));
        var added = 0;
        var writer = Task.Run(() =>
        {
            foreach (var i in Enumerable.Range(1, Count))
            {
                fixture.Store.Add(StoreFixture.Log((ulong)i, $"log {i}"));
                Volatile.Write(ref added, i);
            }

            fixture.Store.Flush();
        });
        while (Volatile.Read(ref added) < Count / 3)
            await Task.Yield();
        await own.KillAsync();
        await own.StartAgainAsync();
        await writer.WaitAsync(TimeSpan.FromMinutes(3));

        await fixture.RefreshAsync();
        using var client = new ElasticsearchClient(fixture.Options, TimeProvider.System);
        Assert.Equal(Count, await client.CountAsync(fixture.AllIndexes, default));
        Assert.Empty(fixture.DeadLetters.Records);
        var found = await fixture.FindAllPagesAsync(new() { OldestFirst = true, Limit = 10_000 });
        Assert.Equal(Enumerable.Range(1, Count).Select(i => $"n1:1:{i}"), found.Select(f => f.Id));
    }

    [SkippableFact]
    public void The_shipped_templates_pass_the_offline_check()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Streams.sln")))
            root = root.Parent;
        var check = SharedPrograms.Find("verify", "es_verify.py");
        Skip.If(check is null, "no ../shared/verify/es_verify.py beside the repository");

        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [check, Path.Combine(root!.FullName, "src/Monitor/LogStore/OnElasticsearch/Templates")])
        {
            RedirectStandardOutput = true,
        })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Contains("1 ILM policies, 1 component templates, 1 index templates, 0 pipelines, 0 ndjson files: 0 errors, 0 warnings", said, StringComparison.Ordinal);
    }

    private static string CreateApiKey(string url)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("elastic:right-secret"u8));
        using var body = new StringContent("""{"name":"monitor"}""", System.Text.Encoding.UTF8, "application/json");
        var answer = http.PostAsync($"{url}/_security/api_key", body).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        using var document = System.Text.Json.JsonDocument.Parse(answer.Content.ReadAsStream());
        return $"{document.RootElement.GetProperty("id").GetString()}:{document.RootElement.GetProperty("api_key").GetString()}";
    }

    private ElasticsearchStoreFixture Open(TimeProvider? time = null) => _fixture = new(server.Url, time: time);
}
