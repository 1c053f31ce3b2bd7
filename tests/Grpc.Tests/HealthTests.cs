using Grpc.AspNetCore.HealthChecks;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.Tests;

/// <summary>The health service: what it says of a server whose health checks come and go.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_server_serves_while_none_of_its_checks_fails()
    {
        var disk = new Check();
        await using var host = await HostAsync(checks => checks.AddCheck("disk", disk).AddCheck("memory", new Check()));
        var client = new Health.V1.Health.HealthClient(host.Channel());

        var well = await client.CheckAsync(new HealthCheckRequest());
        disk.Status = HealthStatus.Degraded;
        var degraded = await client.CheckAsync(new HealthCheckRequest());
        disk.Status = HealthStatus.Unhealthy;
        var ill = await client.CheckAsync(new HealthCheckRequest());

        Assert.Equal([ServingStatus.Serving, ServingStatus.Serving, ServingStatus.NotServing], [well.Status, degraded.Status, ill.Status]);
    }

    [Fact]
    public async Task A_service_has_the_health_of_the_checks_that_are_mapped_to_it()
    {
        await using var host = await HostAsync(
            checks => checks.AddCheck("disk", new Check { Status = HealthStatus.Unhealthy }, tags: ["storage"]).AddCheck("memory", new Check()),
            options =>
            {
                options.Services.Map("shop.Orders", check => check.Tags.Contains("storage"));
                options.Services.Map("shop.Prices", check => check.Name == "memory");
                options.Services.Map("shop.Idle", _ => false);
            });
        var client = new Health.V1.Health.HealthClient(host.Channel());

        async Task<ServingStatus> Of(string service) => (await client.CheckAsync(new HealthCheckRequest { Service = service })).Status;

        Assert.Equal(ServingStatus.NotServing, await Of("shop.Orders"));
        Assert.Equal(ServingStatus.Serving, await Of("shop.Prices"));
        Assert.Equal(ServingStatus.Unknown, await Of("shop.Idle"));
        Assert.Equal(ServingStatus.NotServing, await Of(""));
    }

    [Fact]
    public async Task A_service_that_the_server_does_not_know_is_not_found_and_can_be_watched_until_it_is()
    {
        await using var host = await HostAsync(_ => { });
        var client = new Health.V1.Health.HealthClient(host.Channel());
        var late = new HealthCheckRequest { Service = "shop.Late" };

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.CheckAsync(late));
        using var watch = client.Watch(late);
        var first = await NextAsync(watch);
        host.Services.GetRequiredService<HealthServiceImpl>().SetStatus("shop.Late", ServingStatus.Serving);
        var second = await NextAsync(watch);
        host.Services.GetRequiredService<HealthServiceImpl>().ClearStatus("shop.Late");
        var third = await NextAsync(watch);

        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
        Assert.Contains("'shop.Late'", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal([ServingStatus.ServiceUnknown, ServingStatus.Serving, ServingStatus.ServiceUnknown], [first, second, third]);
    }

    [Fact]
    public async Task A_watcher_hears_of_a_check_that_begins_to_fail()
    {
        var disk = new Check();
        await using var host = await HostAsync(
            checks => checks.AddCheck("disk", disk),
            services: services => services.Configure<HealthCheckPublisherOptions>(runs => (runs.Delay, runs.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1))));
        using var watch = new Health.V1.Health.HealthClient(host.Channel()).Watch(new HealthCheckRequest());

        var first = await NextAsync(watch);
        disk.Status = HealthStatus.Unhealthy;
        var second = await NextAsync(watch);

        Assert.Equal([ServingStatus.Serving, ServingStatus.NotServing], [first, second]);
    }

    [Fact]
    public async Task A_server_that_answers_from_its_last_run_of_the_checks_runs_none_for_whoever_asks()
    {
        var disk = new Check();
        await using var host = await HostAsync(
            checks => checks.AddCheck("disk", disk),
            options => options.UseHealthChecksCache = true,
            services => services.Configure<HealthCheckPublisherOptions>(runs => (runs.Delay, runs.Period) = (TimeSpan.Zero, TimeSpan.FromHours(1))));
        var client = new Health.V1.Health.HealthClient(host.Channel());
        using var watch = client.Watch(new HealthCheckRequest());
        while (await NextAsync(watch) != ServingStatus.Serving)
        {
        }

        disk.Status = HealthStatus.Unhealthy;

        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
    }

    [Fact]
    public async Task A_watch_that_is_not_to_end_with_the_server_goes_on_until_it_is_cut_off()
    {
        await using var host = await HostAsync(
            checks => checks.AddCheck("disk", new Check()),
            options => options.SuppressCompletionOnShutdown = true,
            services => services.Configure<HostOptions>(stop => stop.ShutdownTimeout = TimeSpan.FromMilliseconds(300)));
        using var watch = new Health.V1.Health.HealthClient(host.Channel()).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        var stopping = Record.ExceptionAsync(host.StopAsync);

        await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
        await stopping.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_stopping_server_says_so_to_its_watchers_and_is_not_held_up_by_them()
    {
        var host = await HostAsync(checks => checks.AddCheck("disk", new Check()));
        using var watch = new Health.V1.Health.HealthClient(host.Channel()).Watch(new HealthCheckRequest());
        var first = await NextAsync(watch);

        var stopping = host.StopAsync();
        var last = await NextAsync(watch);
        var more = await watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience);
        await stopping.WaitAsync(EchoHost.Patience);
        await host.DisposeAsync();

        Assert.Equal([ServingStatus.Serving, ServingStatus.NotServing], [first, last]);
        Assert.False(more);
        Assert.Equal(StatusCode.OK, watch.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_watcher_that_reads_slowly_gets_the_last_word_and_nothing_piles_up_for_it()
    {
        var service = new HealthServiceImpl();
        var slow = new SlowWriter();
        using var stop = new CancellationTokenSource();
        service.SetStatus("", ServingStatus.Serving);
        var watching = service.WatchAsync("", slow, CancellationToken.None, stop.Token);
        await slow.IsAsked.WaitAsync(EchoHost.Patience);

        for (var i = 0; i < 1_000; i++)
            service.SetStatus("", i % 2 == 0 ? ServingStatus.NotServing : ServingStatus.Unknown);
        slow.LetGo();
        await slow.Writes(2).WaitAsync(EchoHost.Patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Assert.Equal([ServingStatus.Serving, ServingStatus.Unknown], slow.Written);
    }

    [Fact]
    public async Task Mapping_the_service_without_adding_it_is_refused_with_a_reason()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => EchoHost.StartAsync(map: app => app.MapGrpcHealthChecksService()));

        Assert.Contains("AddGrpcHealthChecks", failure.Message, StringComparison.Ordinal);
    }

    private static Task<EchoHost> HostAsync(
        Action<IHealthChecksBuilder> checks, Action<GrpcHealthChecksOptions>? options = null, Action<IServiceCollection>? services = null) =>
        EchoHost.StartAsync(
            services: all =>
            {
                checks(all.AddGrpcHealthChecks(options ?? (_ => { })));
                services?.Invoke(all);
            },
            map: app => app.MapGrpcHealthChecksService());

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
        return watch.ResponseStream.Current.Status;
    }

    private sealed class Check : IHealthCheck
    {
        public HealthStatus Status { get; set; } = HealthStatus.Healthy;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(new HealthCheckResult(Status));
    }

    private sealed class SlowWriter : IServerStreamWriter<HealthCheckResponse>
    {
        private readonly TaskCompletionSource _asked = new();
        private readonly TaskCompletionSource _letGo = new();
        private readonly TaskCompletionSource _second = new();

        public List<ServingStatus> Written { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task IsAsked => _asked.Task;

        public void LetGo() => _letGo.SetResult();

        public Task Writes(int count) => count == 2 ? _second.Task : throw new ArgumentOutOfRangeException(nameof(count));

        public async Task WriteAsync(HealthCheckResponse message)
        {
            Written.Add(message.Status);
            _asked.TrySetResult();
            await _letGo.Task;
            if (Written.Count == 2)
                _second.TrySetResult();
        }

        Task IAsyncStreamWriter<HealthCheckResponse>.WriteAsync(HealthCheckResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
