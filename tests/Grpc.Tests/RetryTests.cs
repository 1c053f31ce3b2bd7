using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>Calls that are repeated by a service configuration: after one another, hedged, and held back.</summary>
public sealed class RetryTests
{
    private static readonly Status Unavailable = new(StatusCode.Unavailable, "not now");

    [Fact]
    public async Task A_call_is_made_again_until_it_succeeds_and_says_how_often_it_was()
    {
        await using var host = await EchoHost.StartAsync();
        var previous = new List<string?>();
        host.Service.OnSay = (note, context) =>
        {
            previous.Add(context.RequestHeaders.GetValue("grpc-previous-rpc-attempts"));
            return previous.Count < 3 ? throw new RpcException(Unavailable) : Task.FromResult(note);
        };

        var answer = await host.Client(Retrying()).SayAsync(new Note { Text = "hello" });

        Assert.Equal("hello", answer.Text);
        Assert.Equal([null, "1", "2"], previous);
    }

    [Fact]
    public async Task The_last_failure_is_the_calls_once_all_attempts_are_made()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, $"attempt {++attempts}"));

        var failure = await FailAsync(host.Client(Retrying(attemptsMax: 3)).SayAsync(new Note()).ResponseAsync);

        Assert.Equal((3, "attempt 3"), (attempts, failure.Status.Detail));
    }

    [Fact]
    public async Task The_channels_limit_holds_whatever_the_policy_says()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) =>
        {
            attempts++;
            throw new RpcException(Unavailable);
        };
        var options = Retrying(attemptsMax: 5);
        options.MaxRetryAttempts = 2;

        await FailAsync(host.Client(options).SayAsync(new Note()).ResponseAsync);

        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Other_failures_and_other_methods_are_not_repeated()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) =>
        {
            attempts++;
            throw new RpcException(new Status(StatusCode.NotFound, ""));
        };
        host.Service.OnRepeat = (_, _, _) =>
        {
            attempts++;
            throw new RpcException(Unavailable);
        };
        var client = host.Client(Retrying(name: new MethodName { Service = "grpctests.v1.Echo", Method = "Say" }));
        using var repeat = client.Repeat(new Note());

        await FailAsync(client.SayAsync(new Note()).ResponseAsync);
        await FailAsync(repeat.ResponseStream.MoveNext());

        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task The_most_exact_name_decides()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) =>
        {
            attempts++;
            throw new RpcException(Unavailable);
        };
        var options = Retrying(attemptsMax: 5, name: MethodName.Default);
        options.ServiceConfig!.MethodConfigs.Add(new MethodConfig { Names = { new MethodName { Service = "grpctests.v1.Echo", Method = "Say" } }, RetryPolicy = Policy(2) });

        await FailAsync(host.Client(options).SayAsync(new Note()).ResponseAsync);

        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Once_a_response_has_begun_nothing_is_repeated()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnRepeat = async (note, notes, _) =>
        {
            attempts++;
            await notes.WriteAsync(note);
            throw new RpcException(Unavailable);
        };
        using var call = host.Client(Retrying()).Repeat(new Note { Text = "first" });

        Assert.True(await call.ResponseStream.MoveNext());
        await FailAsync(call.ResponseStream.MoveNext());

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task A_streams_requests_are_sent_again()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnChat = async (requests, responses, _) =>
        {
            attempts++;
            var texts = new List<string>();
            while (texts.Count < 2 && await requests.MoveNext())
                texts.Add(requests.Current.Text);
            if (attempts < 3)
                throw new RpcException(Unavailable);
            await foreach (var note in requests.ReadAllAsync())
                texts.Add(note.Text);
            await responses.WriteAsync(new Note { Text = string.Join(' ', texts) });
        };
        using var chat = host.Client(Retrying()).Chat();
        foreach (var text in (string[])["one", "two"])
            await chat.RequestStream.WriteAsync(new Note { Text = text });
        await chat.RequestStream.WriteAsync(new Note { Text = "three" });
        await chat.RequestStream.CompleteAsync();

        Assert.True(await chat.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal(("one two three", 3), (chat.ResponseStream.Current.Text, attempts));
        Assert.False(await chat.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, chat.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_call_that_sends_more_than_is_kept_is_not_repeated()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnGather = async (requests, _) =>
        {
            attempts++;
            await requests.ReadAllAsync().CountAsync();
            throw new RpcException(Unavailable);
        };
        var options = Retrying();
        options.MaxRetryBufferPerCallSize = 1000;
        using var call = host.Client(options).Gather();

        await call.RequestStream.WriteAsync(new Note { Text = new string('x', 2000) });
        await call.RequestStream.CompleteAsync();
        await FailAsync(call.ResponseAsync);

        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData("0", 4)]
    [InlineData("-1", 1)]
    [InlineData("soon", 1)]
    public async Task The_server_may_say_when_and_whether(string pushback, int expected)
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) =>
        {
            attempts++;
            throw new RpcException(Unavailable, new Metadata { { "grpc-retry-pushback-ms", pushback } });
        };

        await FailAsync(host.Client(Retrying(backoff: TimeSpan.FromMinutes(pushback == "0" ? 10 : 0.001), attemptsMax: 4)).SayAsync(new Note()).ResponseAsync);

        Assert.Equal(expected, attempts);
    }

    [Fact]
    public async Task The_deadline_ends_the_waiting_between_attempts()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(Unavailable);

        var failure = await FailAsync(host.Client(Retrying(backoff: TimeSpan.FromHours(10)))
            .SayAsync(new Note(), deadline: DateTime.UtcNow.AddMilliseconds(300)).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task Cancelling_and_disposing_end_the_waiting_between_attempts()
    {
        await using var host = await EchoHost.StartAsync();
        var failed = new SemaphoreSlim(0);
        host.Service.OnSay = (_, _) =>
        {
            failed.Release();
            throw new RpcException(Unavailable);
        };
        var client = host.Client(Retrying(backoff: TimeSpan.FromHours(10)));
        using var cancellation = new CancellationTokenSource();
        using var cancelled = client.SayAsync(new Note(), cancellationToken: cancellation.Token);
        var disposed = client.SayAsync(new Note());
        await failed.WaitAsync(EchoHost.Patience);
        await failed.WaitAsync(EchoHost.Patience);

        await cancellation.CancelAsync();
        disposed.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await FailAsync(cancelled.ResponseAsync)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await FailAsync(disposed.ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Too_many_failures_hold_repetitions_back_and_successes_bring_them_back()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (note, _) =>
        {
            attempts++;
            return note.Text == "good" ? Task.FromResult(note) : throw new RpcException(Unavailable);
        };
        var options = Retrying(attemptsMax: 5);
        options.ServiceConfig!.RetryThrottling = new RetryThrottlingPolicy { MaxTokens = 4, TokenRatio = 1 };
        var client = host.Client(options);

        await FailAsync(client.SayAsync(new Note()).ResponseAsync);
        Assert.Equal(2, attempts);
        await FailAsync(client.SayAsync(new Note()).ResponseAsync);
        Assert.Equal(3, attempts);

        for (var i = 0; i < 3; i++)
            await client.SayAsync(new Note { Text = "good" });
        await FailAsync(client.SayAsync(new Note()).ResponseAsync);
        Assert.Equal(3 + 3 + 2, attempts);
    }

    [Fact]
    public async Task Headers_trailers_and_status_are_those_of_the_attempt_that_counts()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = async (note, context) =>
        {
            attempts++;
            context.ResponseTrailers.Add("attempt", $"{attempts}");
            if (attempts == 1)
                throw new RpcException(Unavailable);
            await context.WriteResponseHeadersAsync(new Metadata { { "attempt", $"{attempts}" } });
            return note;
        };
        using var call = host.Client(Retrying()).SayAsync(new Note());

        await call;

        Assert.Equal("2", (await call.ResponseHeadersAsync).GetValue("attempt"));
        Assert.Equal("2", call.GetTrailers().GetValue("attempt"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_hedged_call_takes_the_first_answer_and_cancels_the_others()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        var cancelled = new SemaphoreSlim(0);
        host.Service.OnSay = async (note, context) =>
        {
            Interlocked.Increment(ref attempts);
            if (context.RequestHeaders.GetValue("grpc-previous-rpc-attempts") == "2")
                return new Note { Text = "third" };
            using var told = context.CancellationToken.Register(() => cancelled.Release());
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return note;
        };

        var answer = await host.Client(Hedging(attemptsMax: 3)).SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience);

        Assert.Equal("third", answer.Text);
        await cancelled.WaitAsync(EchoHost.Patience);
        await cancelled.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task A_hedged_call_goes_on_after_failures_that_are_not_fatal_and_ends_with_one_that_is()
    {
        await using var host = await EchoHost.StartAsync();
        var attempts = 0;
        host.Service.OnSay = (_, _) => throw new RpcException(
            Interlocked.Increment(ref attempts) < 3 ? Unavailable : new Status(StatusCode.PermissionDenied, "never"));

        // The next attempt does not wait for its turn once the one before has failed.
        var failure = await FailAsync(host.Client(Hedging(attemptsMax: 5, delay: TimeSpan.FromHours(1))).SayAsync(new Note()).ResponseAsync);

        Assert.Equal((StatusCode.PermissionDenied, 3), (failure.StatusCode, attempts));
    }

    [Fact]
    public async Task A_hedged_call_whose_every_attempt_fails_fails()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(Unavailable);

        var failure = await FailAsync(host.Client(Hedging(attemptsMax: 3)).SayAsync(new Note()).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public void A_policy_that_lacks_something_is_a_mistake()
    {
        var halves = new MethodConfig { Names = { MethodName.Default }, RetryPolicy = new RetryPolicy { MaxAttempts = 3 } };
        var both = new MethodConfig { Names = { MethodName.Default }, RetryPolicy = Policy(3), HedgingPolicy = new HedgingPolicy { MaxAttempts = 3 } };

        foreach (var config in (MethodConfig[])[halves, both])
        {
            var options = new GrpcChannelOptions { ServiceConfig = new ServiceConfig { MethodConfigs = { config } } };
            Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress("http://localhost", options));
        }
    }

    private static async Task<RpcException> FailAsync(Task call) => await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(EchoHost.Patience));

    private static RetryPolicy Policy(int attemptsMax, TimeSpan? backoff = null) => new()
    {
        MaxAttempts = attemptsMax,
        InitialBackoff = backoff ?? TimeSpan.FromMilliseconds(1),
        MaxBackoff = backoff ?? TimeSpan.FromMilliseconds(5),
        BackoffMultiplier = 1.5,
        RetryableStatusCodes = { StatusCode.Unavailable },
    };

    private static GrpcChannelOptions Retrying(int attemptsMax = 5, MethodName? name = null, TimeSpan? backoff = null) => new()
    {
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs = { new MethodConfig { Names = { name ?? new MethodName { Service = "grpctests.v1.Echo" } }, RetryPolicy = Policy(attemptsMax, backoff) } },
        },
    };

    private static GrpcChannelOptions Hedging(int attemptsMax, TimeSpan? delay = null) => new()
    {
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    HedgingPolicy = new HedgingPolicy { MaxAttempts = attemptsMax, HedgingDelay = delay, NonFatalStatusCodes = { StatusCode.Unavailable } },
                },
            },
        },
    };
}
