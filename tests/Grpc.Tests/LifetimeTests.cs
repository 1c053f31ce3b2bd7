using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TestKit;

namespace Grpc.Tests;

/// <summary>Deadlines, cancellation, disposal and lost connections.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public async Task A_deadline_ends_a_call_that_hangs()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();
        await client.SayAsync(new Note());
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => client.SayAsync(new Note(), deadline: DateTime.UtcNow.AddMilliseconds(500)).ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task The_end_of_one_call_is_none_of_the_next()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();
        using var stop = new CancellationTokenSource();

        // The first is over when its caller cancels; the second is cancelled; the third is a call like any other.
        var first = client.SayAsync(new Note { Number = 1 }, cancellationToken: stop.Token);
        Assert.Equal(1, (await first).Number);
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;
        var second = client.SayAsync(new Note { Number = 2 });
        await hanging.Started.WaitAsync(EchoHost.Patience);
        stop.Cancel();
        first.Dispose();
        Assert.False(second.ResponseAsync.IsCompleted);
        second.Dispose();
        var failure = await Assert.ThrowsAsync<RpcException>(() => second.ResponseAsync.WaitAsync(EchoHost.Patience));
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
        host.Service.OnSay = (note, _) => Task.FromResult(note);
        var third = await client.SayAsync(new Note { Number = 3 });

        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal(3, third.Number);
    }

    [Fact]
    public async Task The_server_keeps_the_deadline_by_its_own_clock()
    {
        var time = new FakeTimeProvider();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;
        using var call = host.Client().SayAsync(new Note(), deadline: DateTime.UtcNow.AddMinutes(5));
        var deadline = await hanging.Started.WaitAsync(EchoHost.Patience);

        time.Advance(TimeSpan.FromMinutes(6));

        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.InRange(deadline, time.Start.UtcDateTime.AddMinutes(4), time.Start.UtcDateTime.AddMinutes(5.1));
    }

    [Fact]
    public async Task The_client_keeps_the_deadline_by_its_own_clock()
    {
        var time = new FakeTimeProvider();
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;
        var client = host.Client(new GrpcChannelOptions { ServiceProvider = new ServiceCollection().AddSingleton<TimeProvider>(time).BuildServiceProvider() });
        using var call = client.SayAsync(new Note(), deadline: time.GetUtcNow().UtcDateTime.AddDays(100));
        await hanging.Started.WaitAsync(EchoHost.Patience);

        time.Advance(TimeSpan.FromDays(99));
        Assert.False(call.ResponseAsync.IsCompleted);
        time.Advance(TimeSpan.FromDays(2));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_stream_whose_deadline_passed_writes_no_more()
    {
        var time = new FakeTimeProvider();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        var wroteFirst = new TaskCompletionSource();
        var late = new TaskCompletionSource<Exception>();
        host.Service.OnRepeat = async (note, notes, context) =>
        {
            await notes.WriteAsync(note);
            wroteFirst.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            late.SetResult(await Record.ExceptionAsync(() => notes.WriteAsync(note)));
        };
        using var call = host.Client().Repeat(new Note(), deadline: DateTime.UtcNow.AddMinutes(5));
        await wroteFirst.Task.WaitAsync(EchoHost.Patience);

        time.Advance(TimeSpan.FromMinutes(6));

        Assert.IsAssignableFrom<OperationCanceledException>(await late.Task.WaitAsync(EchoHost.Patience));
        Assert.True(await call.ResponseStream.MoveNext());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_deadline_in_the_past_costs_no_request()
    {
        await using var host = await EchoHost.StartAsync();
        var calls = 0;
        host.Service.OnSay = (note, _) =>
        {
            calls++;
            return Task.FromResult(note);
        };

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Client().SayAsync(new Note(), deadline: DateTime.UtcNow.AddSeconds(-1)));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_deadline_in_local_time_is_a_mistake()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        Assert.Throws<InvalidOperationException>(() => { _ = client.SayAsync(new Note(), deadline: DateTime.Now.AddHours(1)); });
    }

    [Fact]
    public async Task No_deadline_is_the_end_of_time()
    {
        await using var host = await EchoHost.StartAsync();
        var deadline = default(DateTime);
        host.Service.OnSay = (note, context) =>
        {
            deadline = context.Deadline;
            return Task.FromResult(note);
        };

        await host.Client().SayAsync(new Note());

        Assert.Equal(DateTime.MaxValue, deadline);
    }

    [Fact]
    public async Task The_callers_token_cancels_the_handler()
    {
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;
        using var cancellation = new CancellationTokenSource();
        using var call = host.Client().SayAsync(new Note(), cancellationToken: cancellation.Token);
        await hanging.Started.WaitAsync(EchoHost.Patience);

        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_cancelled_token_costs_no_request()
    {
        await using var host = await EchoHost.StartAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Client().SayAsync(new Note(), cancellationToken: new CancellationToken(canceled: true)));

        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
    }

    [Fact]
    public async Task Cancellation_throws_what_the_channel_was_asked_for()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = new Hanging().SayAsync;
        var client = host.Client(new GrpcChannelOptions { ThrowOperationCanceledOnCancellation = true });
        using var cancellation = new CancellationTokenSource();
        using var call = client.SayAsync(new Note(), cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task Disposing_a_call_cancels_the_handler()
    {
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnChat = hanging.ChatAsync;
        var call = host.Client().Chat();
        await hanging.Started.WaitAsync(EchoHost.Patience);

        call.Dispose();

        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Disposing_a_stream_halfway_ends_a_handler_that_never_looks_at_its_token()
    {
        await using var host = await EchoHost.StartAsync();
        var ended = new TaskCompletionSource<Exception>();
        host.Service.OnRepeat = async (note, notes, _) =>
        {
            try
            {
                while (true)
                    await notes.WriteAsync(note);
            }
            catch (Exception exception)
            {
                ended.SetResult(exception);
                throw;
            }
        };
        var call = host.Client().Repeat(new Note { Text = "endless" });
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_handler_that_waits_for_requests_hears_that_the_client_left()
    {
        await using var host = await EchoHost.StartAsync();
        var started = new TaskCompletionSource();
        var ended = new TaskCompletionSource<Exception>();
        host.Service.OnGather = async (requests, _) =>
        {
            started.SetResult();
            ended.SetResult(await Record.ExceptionAsync(() => requests.MoveNext(CancellationToken.None)));
            return new Note();
        };
        var call = host.Client().Gather();
        await started.Task.WaitAsync(EchoHost.Patience);

        call.Dispose();

        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_completed_request_stream_ends_at_the_server_while_the_call_is_open()
    {
        await using var host = await EchoHost.StartAsync();
        var heard = new TaskCompletionSource<int>();
        host.Service.OnGather = async (requests, _) =>
        {
            heard.SetResult(await requests.ReadAllAsync().CountAsync());
            return new Note();
        };
        using var call = host.Client().Gather();
        await call.RequestStream.WriteAsync(new Note());

        await call.RequestStream.CompleteAsync();

        Assert.Equal(1, await heard.Task.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task Cancelling_a_read_cancels_its_call()
    {
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnChat = hanging.ChatAsync;
        using var call = host.Client().Chat();
        using var cancellation = new CancellationTokenSource();
        var reading = call.ResponseStream.MoveNext(cancellation.Token);
        await hanging.Started.WaitAsync(EchoHost.Patience);

        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => reading.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task One_read_and_one_write_at_a_time()
    {
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnChat = hanging.ChatAsync;
        using var call = host.Client().Chat();
        var first = call.ResponseStream.MoveNext();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await call.ResponseStream.MoveNext());

        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Nothing_is_written_after_the_client_said_it_is_done()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Chat();

        await call.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new Note()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.CompleteAsync());
    }

    [Fact]
    public async Task A_handlers_streams_end_with_it()
    {
        await using var host = await EchoHost.StartAsync();
        IAsyncStreamReader<Note>? requests = null;
        IServerStreamWriter<Note>? responses = null;
        host.Service.OnChat = (reader, writer, _) =>
        {
            (requests, responses) = (reader, writer);
            return Task.CompletedTask;
        };
        using var call = host.Client().Chat();
        Assert.False(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await requests!.MoveNext());
    }

    [Fact]
    public async Task Nobody_there_is_unavailable()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{UnusedPort.Take()}");
        var client = new Echo.EchoClient(channel);
        using var chat = client.Chat();

        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new Note()));
        var stream = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext());
        var headers = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseHeadersAsync);
        var write = await Assert.ThrowsAsync<RpcException>(() => chat.RequestStream.WriteAsync(new Note()));

        Assert.All([unary, stream, headers, write], failure => Assert.Equal(StatusCode.Unavailable, failure.StatusCode));
    }

    [Fact]
    public async Task A_server_that_hangs_up_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        var saying = new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync;
        using (var connection = await listener.AcceptSocketAsync().WaitAsync(EchoHost.Patience))
        {
            await connection.ReceiveAsync(new byte[24]).WaitAsync(EchoHost.Patience);
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => saying.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task Disposing_the_channel_cancels_its_calls_and_refuses_new_ones()
    {
        await using var host = await EchoHost.StartAsync();
        var hanging = new Hanging();
        host.Service.OnSay = hanging.SayAsync;
        var channel = host.Channel();
        var client = new Echo.EchoClient(channel);
        var saying = client.SayAsync(new Note()).ResponseAsync;
        await hanging.Started.WaitAsync(EchoHost.Patience);

        channel.Dispose();

        var failure = await Assert.ThrowsAsync<RpcException>(() => saying.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Throws<ObjectDisposedException>(() => { _ = client.SayAsync(new Note()); });
        await hanging.Cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_handlers_own_calls_can_share_its_deadline_and_its_end()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();
        var inner = new Hanging();
        host.Service.OnSay = async (note, context) => note.Text == "inner"
            ? await inner.SayAsync(note, context)
            : await client.SayAsync(new Note { Text = "inner" }, new CallOptions(propagationToken: context.CreatePropagationToken()));
        var outer = client.SayAsync(new Note { Text = "outer" }, deadline: DateTime.UtcNow.AddMinutes(5));
        var deadline = await inner.Started.WaitAsync(EchoHost.Patience);

        outer.Dispose();

        await inner.Cancelled.WaitAsync(EchoHost.Patience);
        Assert.NotEqual(DateTime.MaxValue, deadline);
    }

    /// <summary>Handlers that wait until they are cancelled.</summary>
    private sealed class Hanging
    {
        private readonly TaskCompletionSource<DateTime> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes with the call's deadline once a handler runs.</summary>
        public Task<DateTime> Started => _started.Task;

        public Task Cancelled => _cancelled.Task;

        public async Task<Note> SayAsync(Note note, ServerCallContext context)
        {
            await HangAsync(context);
            return note;
        }

        public Task ChatAsync(IAsyncStreamReader<Note> requests, IServerStreamWriter<Note> responses, ServerCallContext context) => HangAsync(context);

        private async Task HangAsync(ServerCallContext context)
        {
            using var told = context.CancellationToken.Register(() => _cancelled.TrySetResult());
            _started.TrySetResult(context.Deadline);
            await _cancelled.Task;
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
