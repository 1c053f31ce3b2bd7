using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>Streams of requests, as a server gets them: many at a time, slowly, and again.</summary>
public sealed class RequestStreamTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("gzip", false)]
    public async Task A_long_stream_arrives_whole_and_in_order(string? encoding, bool hinted)
    {
        var count = encoding is null ? 200_000 : 5_000;
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = CountInOrderAsync;
        using var call = host.Client().Gather(encoding is null ? null : new Metadata { { "grpc-internal-encoding-request", encoding } });

        call.RequestStream.WriteOptions = hinted ? new WriteOptions(WriteFlags.BufferHint) : null;
        for (var i = 1; i <= count; i++)
            await call.RequestStream.WriteAsync(new Note { Number = i, Text = "a line of a log, no longer than most" }).WaitAsync(EchoHost.Patience);
        await call.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);

        Assert.Equal(count, (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Number);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_019)]
    [InlineData(16_384)]
    [InlineData(30_720)]
    [InlineData(32_768)]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    public async Task Messages_of_any_size_arrive_whole_between_small_ones(int length)
    {
        var text = string.Create(length, 0, static (text, _) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)('a' + (i % 26));
        });
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, _) =>
        {
            var whole = 0;
            await foreach (var note in requests.ReadAllAsync())
                whole += note.Number == whole && note.Text == (whole % 3 == 0 ? text : "small") ? 1 : 0;
            return new Note { Number = whole };
        };
        using var call = host.Client().Gather();

        for (var i = 0; i < 30; i++)
            await call.RequestStream.WriteAsync(new Note { Number = i, Text = i % 3 == 0 ? text : "small" }).WaitAsync(EchoHost.Patience);
        await call.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);

        Assert.Equal(30, (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Number);
    }

    [Fact]
    public async Task A_message_that_follows_others_leaves_though_nothing_follows_it()
    {
        await using var host = await EchoHost.StartAsync();
        using var chat = host.Client().Chat();

        for (var i = 0; i < 300; i++)
        {
            await chat.RequestStream.WriteAsync(new Note { Number = i });
            if (i % 7 != 0)
                continue;
            do
                Assert.True(await chat.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
            while (chat.ResponseStream.Current.Number < i);
        }

        await chat.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task A_server_that_reads_nothing_holds_its_client_up_until_the_deadline()
    {
        const int MessageBytes = 1_000;
        var end = new TaskCompletionSource();
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (_, _) =>
        {
            await end.Task;
            return new Note();
        };
        using var call = host.Client().Gather(deadline: DateTime.UtcNow.AddSeconds(1));

        var written = 0;
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (; written < 1_000_000; written++)
                await call.RequestStream.WriteAsync(new Note { Text = new string('x', MessageBytes) }).WaitAsync(EchoHost.Patience);
        });

        end.SetResult();
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);

        // What the windows of HTTP/2 let through, which is 1 MiB, and what gathers behind them.
        Assert.InRange(written * MessageBytes, 0, 4 * 1024 * 1024);
    }

    [Fact]
    public async Task A_server_that_has_heard_enough_ends_the_writing_and_its_answer_counts()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, _) =>
        {
            Assert.True(await requests.MoveNext());
            return new Note { Text = "enough" };
        };
        using var call = host.Client().Gather();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (var i = 0; i < 10_000_000; i++)
                await call.RequestStream.WriteAsync(new Note { Number = i }).WaitAsync(EchoHost.Patience);
        });

        Assert.Equal("enough", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_server_that_fails_in_the_middle_of_a_burst_says_why()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, _) =>
        {
            Assert.True(await requests.MoveNext());
            throw new RpcException(new Status(StatusCode.Aborted, "no more of that"));
        };
        using var call = host.Client().Gather();

        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var i = 0; i < 10_000_000; i++)
                await call.RequestStream.WriteAsync(new Note { Number = i }).WaitAsync(EchoHost.Patience);
        });

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(EchoHost.Patience));
        Assert.Equal((StatusCode.Aborted, "no more of that"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_burst_is_sent_again_whole_and_in_order_until_an_attempt_succeeds()
    {
        const int Count = 5_000;
        var attempts = 0;
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, context) =>
        {
            if (++attempts == 3)
                return await CountInOrderAsync(requests, context);
            for (var i = 0; i < 10; i++)
                Assert.True(await requests.MoveNext());
            throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
        };
        var options = new GrpcChannelOptions
        {
            ServiceConfig = new ServiceConfig
            {
                MethodConfigs =
                {
                    new MethodConfig
                    {
                        Names = { MethodName.Default },
                        RetryPolicy = new RetryPolicy
                        {
                            MaxAttempts = 5,
                            InitialBackoff = TimeSpan.FromMilliseconds(1),
                            MaxBackoff = TimeSpan.FromMilliseconds(5),
                            BackoffMultiplier = 1.5,
                            RetryableStatusCodes = { StatusCode.Unavailable },
                        },
                    },
                },
            },
        };
        using var call = host.Client(options).Gather();

        for (var i = 1; i <= Count; i++)
            await call.RequestStream.WriteAsync(new Note { Number = i }).WaitAsync(EchoHost.Patience);
        await call.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);

        Assert.Equal(Count, (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Number);
    }

    [Fact]
    public async Task A_hedged_stream_goes_on_once_its_other_attempts_are_cancelled()
    {
        var attempts = 0;
        await using var host = await EchoHost.StartAsync();
        host.Service.OnChat = async (requests, responses, context) =>
        {
            var isFirst = Interlocked.Increment(ref attempts) == 1;
            await foreach (var note in requests.ReadAllAsync(context.CancellationToken))
            {
                if (!isFirst)
                    await responses.WriteAsync(note);
            }
        };
        var options = new GrpcChannelOptions
        {
            ServiceConfig = new ServiceConfig
            {
                MethodConfigs = { new MethodConfig { Names = { MethodName.Default }, HedgingPolicy = new HedgingPolicy { MaxAttempts = 2, HedgingDelay = TimeSpan.FromMilliseconds(1) } } },
            },
        };
        using var chat = host.Client(options).Chat();

        for (var i = 0; i < 1_000; i++)
        {
            await chat.RequestStream.WriteAsync(new Note { Number = i }).WaitAsync(EchoHost.Patience);
            Assert.True(await chat.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
            Assert.Equal(i, chat.ResponseStream.Current.Number);
        }

        await chat.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);
        Assert.False(await chat.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_call_disposed_in_the_middle_of_a_burst_ends_its_handler_and_others_go_on()
    {
        var ended = new TaskCompletionSource();
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, _) =>
        {
            try
            {
                while (await requests.MoveNext())
                {
                }

                return new Note();
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                ended.SetResult();
                throw;
            }
        };
        var client = host.Client();
        var call = client.Gather();
        for (var i = 0; i < 10_000; i++)
            await call.RequestStream.WriteAsync(new Note { Number = i }).WaitAsync(EchoHost.Patience);

        call.Dispose();

        await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new Note()));
        await ended.Task.WaitAsync(EchoHost.Patience);
        Assert.Equal(7, (await client.SayAsync(new Note { Number = 7 })).Number);
    }

    private static async Task<Note> CountInOrderAsync(IAsyncStreamReader<Note> requests, ServerCallContext context)
    {
        var last = 0;
        while (await requests.MoveNext())
        {
            if (requests.Current.Number != last + 1)
                throw new RpcException(new Status(StatusCode.DataLoss, $"{requests.Current.Number} came after {last}."));
            last++;
        }

        return new Note { Number = last };
    }
}
