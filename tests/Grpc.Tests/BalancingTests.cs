using Grpc.Core;
using Grpc.HealthCheck;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TestKit;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.Tests;

/// <summary>Channels to several servers, and what channels do about connections.</summary>
public sealed class BalancingTests
{
    [Fact]
    public async Task Round_robin_uses_every_server_in_turn()
    {
        await using var servers = await Servers.StartAsync(3);
        using var channel = servers.Channel(new RoundRobinConfig());
        var client = new Echo.EchoClient(channel);
        await servers.AllConnectedAsync(client);

        var answers = new List<string>();
        for (var i = 0; i < 30; i++)
            answers.Add((await client.SayAsync(new Note())).Text);

        Assert.Equal([10, 10, 10], answers.GroupBy(name => name).Select(group => group.Count()));
    }

    [Fact]
    public async Task Pick_first_stays_with_the_first_that_answers_and_moves_on_when_it_is_gone()
    {
        await using var servers = await Servers.StartAsync(2);
        using var channel = servers.Channel(new PickFirstConfig(), NobodyThere());
        var client = new Echo.EchoClient(channel);

        var before = await client.SayAsync(new Note());
        await servers.StopAsync(0);

        // A call that was sent into the closing connection is lost; those after it are not.
        var after = new List<string>();
        await UntilAsync(async () =>
        {
            after.Add(await NameAsync(client));
            return after[^1] == "server 1";
        });

        Assert.Equal("server 0", before.Text);
        Assert.All(after[..^1], name => Assert.Equal(nameof(StatusCode.Unavailable), name));
    }

    [Fact]
    public async Task Round_robin_leaves_out_a_server_that_is_gone()
    {
        await using var servers = await Servers.StartAsync(2);
        using var channel = servers.Channel(new RoundRobinConfig());
        var client = new Echo.EchoClient(channel);
        await servers.AllConnectedAsync(client);

        await servers.StopAsync(0);
        await UntilAsync(async () => await NameAsync(client) == "server 1" && await NameAsync(client) == "server 1");

        for (var i = 0; i < 5; i++)
            Assert.Equal("server 1", (await client.SayAsync(new Note())).Text);
    }

    [Fact]
    public async Task Round_robin_leaves_out_a_server_that_says_it_does_not_serve()
    {
        await using var servers = await Servers.StartAsync(2);
        servers.Health[0].SetStatus("echo", ServingStatus.NotServing);
        servers.Health[1].SetStatus("echo", ServingStatus.Serving);
        using var channel = servers.Channel(new RoundRobinConfig(), healthService: "echo");
        var client = new Echo.EchoClient(channel);

        for (var i = 0; i < 5; i++)
            Assert.Equal("server 1", (await client.SayAsync(new Note(), new CallOptions().WithWaitForReady())).Text);

        servers.Health[0].SetStatus("echo", ServingStatus.Serving);
        servers.Health[1].SetStatus("echo", ServingStatus.NotServing);
        await UntilAsync(async () => await NameAsync(client) == "server 0" && await NameAsync(client) == "server 0");
    }

    [Fact]
    public async Task Nobody_there_at_any_address_is_unavailable()
    {
        using var channel = Channel([NobodyThere(), NobodyThere()], new RoundRobinConfig());

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_name_in_DNS_stands_for_all_of_its_addresses()
    {
        await using var host = await EchoHost.StartAsync();
        string? asked = null;
        host.Service.OnSay = (note, context) =>
        {
            asked = context.Host;
            return Task.FromResult(note);
        };
        var port = new Uri(host.Address).Port;
        using var channel = GrpcChannel.ForAddress($"dns:///localhost:{port}", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure });

        await new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience);

        Assert.Equal($"localhost:{port}", asked);
    }

    [Fact]
    public async Task A_balancer_of_ones_own_picks()
    {
        await using var servers = await Servers.StartAsync(2);
        var services = new ServiceCollection().AddSingleton<LoadBalancerFactory>(new LastFactory());
        using var channel = servers.Channel(new LoadBalancingConfig("last"), services: services);
        var client = new Echo.EchoClient(channel);
        await UntilAsync(async () => await NameAsync(client) == "server 1");

        for (var i = 0; i < 5; i++)
            Assert.Equal("server 1", (await client.SayAsync(new Note())).Text);
    }

    [Fact]
    public void A_scheme_that_nobody_resolves_is_a_mistake() =>
        Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress("zoo:///keeper", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));

    [Fact]
    public async Task A_call_that_waits_for_ready_waits_for_the_server_to_start()
    {
        var address = NobodyThere();
        using var channel = GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions { InitialReconnectBackoff = TimeSpan.FromMilliseconds(10), MaxReconnectBackoff = TimeSpan.FromMilliseconds(50) });
        var waiting = new Echo.EchoClient(channel).SayAsync(new Note { Text = "at last" }, new CallOptions().WithWaitForReady());
        await channel.WaitForStateChangedAsync(ConnectivityState.Idle).WaitAsync(EchoHost.Patience);
        await channel.WaitForStateChangedAsync(ConnectivityState.Connecting).WaitAsync(EchoHost.Patience);
        Assert.False(waiting.ResponseAsync.IsCompleted);

        await using var host = await EchoHost.StartAsync(port: address.EndPoint.Port);

        Assert.Equal("at last", (await waiting.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
    }

    [Fact]
    public async Task A_call_that_waits_for_ready_ends_with_its_deadline()
    {
        using var channel = GrpcChannel.ForAddress($"http://{NobodyThere()}");

        var failure = await Assert.ThrowsAsync<RpcException>(() => new Echo.EchoClient(channel)
            .SayAsync(new Note(), new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(300)).WithWaitForReady()).ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_channel_says_how_it_is()
    {
        var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.Address);
        Assert.Equal(ConnectivityState.Idle, channel.State);

        await channel.ConnectAsync().WaitAsync(EchoHost.Patience);
        Assert.Equal(ConnectivityState.Ready, channel.State);
        await new Echo.EchoClient(channel).SayAsync(new Note());
        Assert.Equal(ConnectivityState.Ready, channel.State);

        await host.DisposeAsync();
        await channel.WaitForStateChangedAsync(ConnectivityState.Ready).WaitAsync(EchoHost.Patience);
        Assert.Equal(ConnectivityState.Idle, channel.State);

        await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).SayAsync(new Note()));
        Assert.Contains(channel.State, (ConnectivityState[])[ConnectivityState.TransientFailure, ConnectivityState.Connecting]);
        channel.Dispose();
        Assert.Equal(ConnectivityState.Shutdown, channel.State);
    }

    [Fact]
    public async Task Connecting_can_be_given_up()
    {
        using var channel = GrpcChannel.ForAddress($"http://{NobodyThere()}");
        using var cancellation = new CancellationTokenSource();
        var connecting = channel.ConnectAsync(cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_connection_that_was_made_ahead_is_the_one_that_is_used()
    {
        await using var host = await EchoHost.StartAsync();
        var connections = new HashSet<string>();
        host.Service.OnSay = (note, context) =>
        {
            connections.Add(context.GetHttpContext().Connection.Id);
            return Task.FromResult(note);
        };
        using var channel = GrpcChannel.ForAddress(host.Address);
        await channel.ConnectAsync();

        for (var i = 0; i < 3; i++)
            await new Echo.EchoClient(channel).SayAsync(new Note());

        Assert.Single(connections);
    }

    private static async Task<string> NameAsync(Echo.EchoClient client)
    {
        try
        {
            return (await client.SayAsync(new Note())).Text;
        }
        catch (RpcException failure)
        {
            return failure.StatusCode.ToString();
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(EchoHost.Patience);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await isSo())
            await pace.WaitForNextTickAsync(limit.Token);
    }

    private static BalancerAddress NobodyThere() => new("127.0.0.1", UnusedPort.Take());

    private static GrpcChannel Channel(
        IReadOnlyList<BalancerAddress> addresses, LoadBalancingConfig config, string? healthService = null, IServiceCollection? services = null)
    {
        var serviceConfig = new ServiceConfig { LoadBalancingConfigs = { config } };
        if (healthService is not null)
            serviceConfig.Inner["healthCheckConfig"] = new Dictionary<string, object> { ["serviceName"] = healthService };
        services ??= new ServiceCollection();
        services.AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => addresses));
        return GrpcChannel.ForAddress("static:///servers", new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Insecure,
            ServiceConfig = serviceConfig,
            ServiceProvider = services.BuildServiceProvider(),
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(20),
            MaxReconnectBackoff = TimeSpan.FromMilliseconds(100),
        });
    }

    private sealed class Servers(List<EchoHost> hosts, List<HealthServiceImpl> health) : IAsyncDisposable
    {
        public List<HealthServiceImpl> Health => health;

        public static async Task<Servers> StartAsync(int count)
        {
            var hosts = new List<EchoHost>();
            var healths = new List<HealthServiceImpl>();
            for (var i = 0; i < count; i++)
            {
                var health = new HealthServiceImpl();
                var name = $"server {i}";
                var host = await EchoHost.StartAsync(
                    services: services => services.AddSingleton(health),
                    map: app =>
                    {
                        app.MapGrpcService<EchoService>();
                        app.MapGrpcService<HealthServiceImpl>();
                    });
                host.Service.OnSay = (_, _) => Task.FromResult(new Note { Text = name });
                hosts.Add(host);
                healths.Add(health);
            }

            return new(hosts, healths);
        }

        public GrpcChannel Channel(LoadBalancingConfig config, BalancerAddress? before = null, string? healthService = null, IServiceCollection? services = null)
        {
            List<BalancerAddress> addresses = [.. hosts.Select(host => new BalancerAddress("127.0.0.1", new Uri(host.Address).Port))];
            if (before is not null)
                addresses.Insert(0, before);
            return BalancingTests.Channel(addresses, config, healthService, services);
        }

        public Task AllConnectedAsync(Echo.EchoClient client)
        {
            var seen = new HashSet<string>();
            return UntilAsync(async () =>
            {
                seen.Add(await NameAsync(client));
                return seen.Count == hosts.Count;
            });
        }

        public ValueTask StopAsync(int index) => hosts[index].DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            foreach (var host in hosts)
                await host.DisposeAsync();
        }
    }

    private sealed class LastFactory : LoadBalancerFactory
    {
        public override string Name => "last";

        public override LoadBalancer Create(LoadBalancerOptions options) => new Last(options);
    }

    /// <summary>Picks the last of the addresses once it is connected.</summary>
    private sealed class Last(LoadBalancerOptions options) : SubchannelsLoadBalancer(options.Controller, options.LoggerFactory)
    {
        private int _lastPort;

        public override void UpdateChannelState(ChannelState state)
        {
            _lastPort = state.Addresses![^1].EndPoint.Port;
            base.UpdateChannelState(state);
        }

        protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels) =>
            new Picker(readySubchannels.OrderBy(subchannel => subchannel.CurrentAddress!.EndPoint.Port == _lastPort).Last());
    }

    private sealed class Picker(Subchannel subchannel) : SubchannelPicker
    {
        public override PickResult Pick(PickContext context) => PickResult.ForSubchannel(subchannel);
    }
}
