using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Settings;
using Streams.Contracts.V1;

namespace WebConsole.Tests;

public sealed class ConsoleTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private FakeMonitor _monitor = null!;
    private WebApplication _console = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _monitor = await FakeMonitor.StartAsync();
        (_console, _browser) = await StartAsync(new ConsoleOptions { Port = 0, Admin = { Port = 0 }, Monitor = _monitor.Address, WatchersMax = 1 });
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _console.DisposeAsync();
        await _monitor.DisposeAsync();
    }

    [Fact]
    public async Task The_page_loads_and_lets_no_foreign_script_run()
    {
        var page = await _browser.GetAsync("/");
        var script = await _browser.GetAsync("/console.js");

        Assert.Contains("<title>Streams</title>", await page.Content.ReadAsStringAsync());
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Nodes_are_what_the_monitor_says()
    {
        _monitor.Nodes.Add(new Node { NodeId = "order-1", State = NodeState.Down });

        var nodes = JsonDocument.Parse(await _browser.GetStringAsync("/api/nodes")).RootElement;

        Assert.Equal("order-1", nodes[0].GetProperty("nodeId").GetString());
        Assert.Equal("NODE_STATE_DOWN", nodes[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_search_passes_on_what_was_typed()
    {
        _monitor.Logs.Add(new LogRecord { NodeId = "a", Message = "<b>100% \"quoted\"</b>" });

        var found = JsonDocument.Parse(await _browser.GetStringAsync("/api/logs?text=100%25&node=a&min_severity=warn&limit=7")).RootElement;

        Assert.Equal(
            new SearchLogsRequest { Text = "100%", MinSeverity = Severity.Warn, NodeIds = { "a" }, Limit = 7 },
            _monitor.LastSearch);
        Assert.Equal("<b>100% \"quoted\"</b>", found[0].GetProperty("record").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("/api/logs?min_severity=loud", "'loud' is no severity")]
    [InlineData("/api/logs?min_severity=3", "'3' is no severity")]
    [InlineData("/api/logs?limit=-1", "limit '-1'")]
    public async Task A_wrong_question_is_answered_with_what_is_wrong(string path, string reason)
    {
        var answer = await _browser.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_monitor_that_is_away_is_named_in_the_answer()
    {
        await _monitor.DisposeAsync();

        var answer = await _browser.GetAsync("/api/nodes");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("Unavailable", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_tail_delivers_as_lines_arrive_and_ends_with_the_page()
    {
        _monitor.Logs.Add(new LogRecord { NodeId = "a", Message = "two\nlines" });
        using (var response = await _browser.GetAsync("/api/tail", HttpCompletionOption.ResponseHeadersRead))
        using (var events = new StreamReader(await response.Content.ReadAsStreamAsync()))
        {
            Assert.Equal(": watching", await events.ReadLineAsync().WaitAsync(_patience));
            await events.ReadLineAsync().WaitAsync(_patience);

            var line = await events.ReadLineAsync().WaitAsync(_patience);

            Assert.Equal("two\nlines", JsonDocument.Parse(line!["data: ".Length..]).RootElement.GetProperty("message").GetString());
        }

        await _monitor.TailEnded.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task One_watcher_too_many_is_told_to_come_back()
    {
        using var first = await _browser.GetAsync("/api/tail", HttpCompletionOption.ResponseHeadersRead);

        using var second = await _browser.GetAsync("/api/tail", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), second.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_request_under_a_foreign_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/nodes") { Headers = { Host = "evil.example" } };

        var answer = await _browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("not an address", "http://127.0.0.1:7071", "Host 'not an address'")]
    [InlineData("127.0.0.1", "127.0.0.1:7071", "Monitor '127.0.0.1:7071'")]
    public void Settings_that_make_no_sense_are_named(string host, string monitor, string reason)
    {
        var error = Assert.Throws<SetupException>(() =>
            ConsoleHost.Build(new ConsoleOptions { Host = host, Monitor = monitor }, _ => { }, TimeProvider.System));

        Assert.Contains(reason, error.Message);
    }

    private static async Task<(WebApplication Console, HttpClient Browser)> StartAsync(ConsoleOptions options)
    {
        var console = ConsoleHost.Build(options, logging => logging.ClearProviders(), TimeProvider.System);
        await console.StartAsync();
        return (console, new HttpClient { BaseAddress = new Uri(console.Urls.Single()), Timeout = _patience });
    }
}
