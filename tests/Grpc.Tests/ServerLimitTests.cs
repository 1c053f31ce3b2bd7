using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grpc.Tests;

/// <summary>How a server drains, what it allows at once, and how either side finds that the other is gone without a word.</summary>
public sealed class ServerLimitTests
{
    [Fact]
    public async Task A_server_that_stops_lets_running_calls_finish_and_takes_no_new_ones()
    {
        await using var host = await EchoHost.StartAsync();
        var (started, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Service.OnSay = async (note, _) =>
        {
            started.TrySetResult();
            await mayEnd.Task;
            return note;
        };
        using var running = host.Client().SayAsync(new Note { Text = "finish me" });
        await started.Task.WaitAsync(EchoHost.Patience);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var stopping = host.StopAsync();
        await WhenAsync(lifetime.ApplicationStopping);

        var late = await Assert.ThrowsAsync<RpcException>(() => RefusedAsync(host));
        mayEnd.SetResult();

        Assert.Equal(StatusCode.Unavailable, late.StatusCode);
        Assert.Equal("finish me", (await running.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        await stopping.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_call_that_outlasts_the_draining_is_cut_off()
    {
        await using var host = await EchoHost.StartAsync(
            services: services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300)));
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        host.Service.OnSay = async (note, context) =>
        {
            using var told = context.CancellationToken.Register(() => cancelled.TrySetResult());
            started.TrySetResult();
            await cancelled.Task;
            return note;
        };
        using var running = host.Client().SayAsync(new Note());
        await started.Task.WaitAsync(EchoHost.Patience);

        var stopping = host.StopAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => running.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Contains(failure.StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.Cancelled]);
        await cancelled.Task.WaitAsync(EchoHost.Patience);
        await Record.ExceptionAsync(() => stopping.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task More_calls_than_a_connection_may_carry_wait_or_take_another_connection()
    {
        await using var host = await EchoHost.StartAsync(kestrel: options =>
        {
            options.Limits.Http2.MaxStreamsPerConnection = 2;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var connections = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        var all = new TaskCompletionSource();
        var count = 0;
        host.Service.OnSay = async (note, context) =>
        {
            connections[context.GetHttpContext().Connection.Id] = true;
            if (Interlocked.Increment(ref count) == 6)
                all.SetResult();
            await all.Task;
            return note;
        };
        var client = host.Client();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.SayAsync(new Note()).ResponseAsync)).WaitAsync(EchoHost.Patience);

        Assert.True(connections.Count >= 3);
    }

    [Fact]
    public async Task A_connection_more_than_a_server_takes_is_unavailable_and_those_it_has_go_on()
    {
        await using var host = await EchoHost.StartAsync(kestrel: options =>
        {
            options.Limits.MaxConcurrentConnections = 1;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var first = host.Client();
        await first.SayAsync(new Note());

        var failure = await Assert.ThrowsAsync<RpcException>(() => host.Client().SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience));
        var answer = await first.SayAsync(new Note { Text = "still here" });

        Assert.Equal((StatusCode.Unavailable, "still here"), (failure.StatusCode, answer.Text));
    }

    [Fact]
    public async Task A_client_that_keeps_asking_finds_that_its_server_is_silent()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var handler = new SocketsHttpHandler
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        using var channel = GrpcChannel.ForAddress($"http://{silent.LocalEndpoint}", new GrpcChannelOptions { HttpHandler = handler });
        var saying = new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync;
        using var connection = await silent.AcceptSocketAsync().WaitAsync(EchoHost.Patience);
        await connection.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }); // SETTINGS, and never a word again

        var failure = await Assert.ThrowsAsync<RpcException>(() => saying.WaitAsync(EchoHost.Patience));

        Assert.True(failure.StatusCode is StatusCode.Unavailable, failure.ToString());
    }

    [Fact]
    public async Task A_server_that_keeps_asking_finds_that_its_client_is_silent()
    {
        await using var host = await EchoHost.StartAsync(kestrel: options =>
        {
            options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
            options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(1);
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, new Uri(host.Address).Port);
        var stream = silent.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });

        var heard = new byte[1024];
        using var limit = new CancellationTokenSource(EchoHost.Patience);
        while (await stream.ReadAsync(heard, limit.Token) > 0)
        {
            // Its settings, its pings and its farewell.
        }
    }

    // A connection that is there already may take a call or two before it hears that the server goes.
    private static async Task RefusedAsync(EchoHost host)
    {
        while (true)
            await host.Client().SayAsync(new Note(), deadline: DateTime.UtcNow + EchoHost.Patience);
    }

    private static Task WhenAsync(CancellationToken moment)
    {
        var when = new TaskCompletionSource();
        moment.Register(when.SetResult);
        return when.Task.WaitAsync(EchoHost.Patience, CancellationToken.None);
    }
}
