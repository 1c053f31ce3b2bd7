using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Grpc.Tests;

/// <summary>When the messages of a response stream leave.</summary>
public sealed class ResponseFlushTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_stream_arrives_whole_and_in_order(bool hinted)
    {
        const int Count = 200_000;
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, responses, _) =>
        {
            responses.WriteOptions = hinted ? new WriteOptions(WriteFlags.BufferHint) : null;
            for (var i = 1; i <= Count; i++)
                await responses.WriteAsync(new Note { Number = i, Text = "a line of a log, no longer than most" });
        };
        using var call = host.Client().Repeat(new Note());

        var last = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience))
            Assert.Equal(++last, call.ResponseStream.Current.Number);

        Assert.Equal(Count, last);
    }

    [Fact]
    public async Task A_message_that_follows_another_leaves_without_a_third()
    {
        var end = new TaskCompletionSource();
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, responses, _) =>
        {
            for (var i = 1; i <= 3; i++)
                await responses.WriteAsync(new Note { Number = i });
            await end.Task;
        };
        using var call = host.Client().Repeat(new Note());

        for (var i = 1; i <= 3; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }

        end.SetResult();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_message_that_is_held_back_leaves_with_the_status()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, responses, _) =>
        {
            responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
            await responses.WriteAsync(new Note { Number = 1 });
        };
        using var call = host.Client().Repeat(new Note());

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
        Assert.Equal(1, call.ResponseStream.Current.Number);
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_client_that_reads_nothing_holds_its_handler_up_until_it_goes_and_others_are_served()
    {
        const int Endless = 1_000_000;
        var ended = new TaskCompletionSource<int>();
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, responses, _) =>
        {
            var written = 0;
            try
            {
                for (; written < Endless; written++)
                    await responses.WriteAsync(new Note { Text = new string('x', 1_000) });
            }
            finally
            {
                ended.SetResult(written);
            }
        };
        using (var call = host.Client().Repeat(new Note()))
            await call.ResponseHeadersAsync.WaitAsync(EchoHost.Patience);

        Assert.InRange(await ended.Task.WaitAsync(EchoHost.Patience), 1, Endless - 1);
        Assert.Equal(7, (await host.Client().SayAsync(new Note { Number = 7 })).Number);
    }

    [Fact]
    public async Task A_deadline_ends_a_stream_that_nobody_reads_and_others_are_served()
    {
        var time = new FakeTimeProvider();
        var (started, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        host.Service.OnRepeat = async (_, responses, _) =>
        {
            started.SetResult();
            try
            {
                while (true)
                    await responses.WriteAsync(new Note { Text = new string('x', 1_000) });
            }
            finally
            {
                ended.SetResult();
            }
        };
        using var call = host.Client().Repeat(new Note(), deadline: DateTime.UtcNow.AddMinutes(5));
        await started.Task.WaitAsync(EchoHost.Patience);

        time.Advance(TimeSpan.FromMinutes(6));

        await ended.Task.WaitAsync(EchoHost.Patience);
        Assert.Equal(7, (await host.Client().SayAsync(new Note { Number = 7 })).Number);
    }
}
