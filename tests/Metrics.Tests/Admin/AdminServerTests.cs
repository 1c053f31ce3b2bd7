using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Metrics.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Settings;

namespace Metrics.Tests.Admin;

public sealed class AdminServerTests : IAsyncLifetime
{
    private readonly HttpClient _browser = new() { Timeout = TimeSpan.FromSeconds(30) };
    private string? _notReady;
    private string? _dead;
    private IHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = Build(new AdminOptions { Port = 0 });
        await _host.StartAsync();
        _browser.BaseAddress = new Uri(_host.Services.GetRequiredService<AdminServer>().Address!);
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task Metrics_are_the_parts_the_process_and_the_build()
    {
        _host.Services.GetRequiredService<IMeterFactory>().Create("Kitchen").CreateCounter<int>("loaves").Add(3);

        using var answer = await _browser.GetAsync("/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains("\nloaves_total 3\n", text, StringComparison.Ordinal);
        Assert.Matches("\nstreams_build_info\\{revision=\"[^\"]+\",version=\"[^\"]+\"\\} 1\n", text);
        foreach (var name in new[] { "process_cpu_seconds_total", "process_working_set_bytes", "process_private_memory_bytes", "process_virtual_memory_bytes", "process_open_handles", "process_num_threads", "dotnet_total_memory_bytes" })
            Assert.Matches($"\n{name} [1-9]", text);
        Assert.Contains("\ndotnet_collection_count_total{generation=\"2\"} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenMetrics_is_answered_where_it_is_asked_for()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept", "application/openmetrics-text;version=1.0.0");

        using var answer = await _browser.SendAsync(request);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_says_what_is_missing_while_alive_stays_true()
    {
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await AskAsync("/readyz"));

        _notReady = "There is no flour.";

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\nflour: There is no flour.\n"), await AskAsync("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "alive\n"), await AskAsync("/healthz"));
    }

    [Fact]
    public async Task What_only_a_new_start_can_mend_ends_alive()
    {
        _dead = "The oven broke.";

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not alive\noven: The oven broke.\n"), await AskAsync("/healthz"));
    }

    [Fact]
    public async Task A_part_that_starts_or_stops_is_alive_and_not_ready()
    {
        var (started, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var host = Build(new AdminOptions { Port = 0 }, services => services.AddHostedService(_ => new Slow(started.Task, stopped.Task)));
        var starting = host.StartAsync();
        _browser.Dispose();
        using var browser = new HttpClient { BaseAddress = new Uri(host.Services.GetRequiredService<AdminServer>().Address!) };
        Assert.Equal("not ready\nkitchen: It is starting.\n", await browser.GetAsync("/readyz") is var early ? await early.Content.ReadAsStringAsync() : "");

        started.SetResult();
        await starting;
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/readyz")).StatusCode);

        var stopping = host.StopAsync();
        Assert.Equal("not ready\nkitchen: It is stopping.\n", await (await browser.GetAsync("/readyz")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/healthz")).StatusCode);
        stopped.SetResult();
        await stopping;
    }

    [Fact]
    public async Task Nothing_else_is_answered()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("/metrics/x")).Status);
        Assert.Equal((HttpStatusCode.OK, "kitchen: /metrics /healthz /readyz\n"), await AskAsync("/"));
        using var posted = await _browser.PostAsync("/metrics", null);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (posted.StatusCode, string.Join(", ", posted.Content.Headers.Allow)));
        using var head = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/metrics"));
        Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_taken_port_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var host = Build(new AdminOptions { Port = port });

        var refused = await Assert.ThrowsAsync<SetupException>(() => host.StartAsync());

        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set the kitchen's Admin.Port to a free one", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0", "AllowAnonymous")]
    [InlineData("kitchen.example", "IP address")]
    public void Listening_wider_must_be_asked_for(string address, string said)
    {
        var refused = Assert.Throws<SetupException>(() => Build(new AdminOptions { Host = address }));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switched_off_it_listens_nowhere()
    {
        using var host = Build(new AdminOptions { Enabled = false, Host = "0.0.0.0" });
        await host.StartAsync();

        Assert.Null(host.Services.GetRequiredService<AdminServer>().Address);
        await host.StopAsync();
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string path)
    {
        using var answer = await _browser.GetAsync(path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private IHost Build(AdminOptions options, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAdmin("kitchen", options);
        builder.Services.AddSingleton(new ReadinessCheck("flour", () => _notReady));
        builder.Services.AddSingleton(new LivenessCheck("oven", () => _dead));
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class Slow(Task started, Task stopped) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => started;

        public Task StopAsync(CancellationToken cancellationToken) => stopped;
    }
}
