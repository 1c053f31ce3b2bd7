using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

public sealed class FourKindsTests
{
    [Fact]
    public async Task A_unary_call_gets_its_answer()
    {
        await using var host = await EchoHost.StartAsync();

        var answer = await host.Client().SayAsync(new Note { Text = "grüße 🙂", Number = 7 });

        Assert.Equal(new Note { Text = "grüße 🙂", Number = 7 }, answer);
    }

    [Fact]
    public async Task A_blocking_call_gets_its_answer()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        var answer = await Task.Run(() => client.Say(new Note { Number = 7 }));

        Assert.Equal(7, answer.Number);
    }

    [Fact]
    public async Task Requests_stream_up_and_one_answer_comes_down()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Gather();

        for (var i = 1; i <= 1000; i++)
            await call.RequestStream.WriteAsync(new Note { Number = i });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(500_500, (await call).Number);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task One_request_goes_up_and_answers_stream_down_in_order()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Repeat(new Note { Text = "again", Number = 1000 });

        var numbers = new List<int>();
        await foreach (var note in call.ResponseStream.ReadAllAsync())
            numbers.Add(note.Number);

        Assert.Equal(Enumerable.Range(0, 1000), numbers);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_conversation_goes_back_and_forth()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Chat();

        for (var i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new Note { Number = i });
            Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task The_server_may_speak_first()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnChat = async (requests, responses, _) =>
        {
            await responses.WriteAsync(new Note { Text = "who is there?" });
            Assert.True(await requests.MoveNext());
            await responses.WriteAsync(requests.Current);
        };
        using var call = host.Client().Chat();

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal("who is there?", call.ResponseStream.Current.Text);
        await call.RequestStream.WriteAsync(new Note { Text = "me" });
        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));

        Assert.Equal("me", call.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Empty_messages_are_messages()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();
        using var chat = client.Chat();

        var answer = await client.SayAsync(new Note());
        for (var i = 0; i < 3; i++)
            await chat.RequestStream.WriteAsync(new Note());
        await chat.RequestStream.CompleteAsync();

        Assert.Equal(new Note(), answer);
        Assert.Equal(3, await chat.ResponseStream.ReadAllAsync().CountAsync());
    }

    [Fact]
    public async Task Messages_written_with_a_hint_leave_with_the_next_one_without_or_at_the_end()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, notes, _) =>
        {
            notes.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
            for (var i = 0; i < 1000; i++)
                await notes.WriteAsync(new Note { Number = i });
        };
        using var gather = host.Client().Gather();
        using var repeat = host.Client().Repeat(new Note());

        gather.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var i = 0; i < 1000; i++)
            await gather.RequestStream.WriteAsync(new Note { Number = 1 });
        await gather.RequestStream.CompleteAsync();

        Assert.Equal(1000, (await gather).Number);
        Assert.Equal(1000, await repeat.ResponseStream.ReadAllAsync().CountAsync());
    }

    [Fact]
    public async Task Two_hundred_calls_run_side_by_side_on_one_channel()
    {
        const int Calls = 200;
        await using var host = await EchoHost.StartAsync();
        var arrived = 0;
        var allArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Service.OnSay = async (note, _) =>
        {
            if (Interlocked.Increment(ref arrived) == Calls)
                allArrived.SetResult();
            await allArrived.Task;
            return note;
        };
        var client = host.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => client.SayAsync(new Note { Number = i }).ResponseAsync))
            .WaitAsync(EchoHost.Patience);

        Assert.Equal(Enumerable.Range(0, Calls), answers.Select(note => note.Number));
    }

    [Fact]
    public async Task Streams_of_many_callers_do_not_mix()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async caller =>
        {
            using var call = client.Chat();
            for (var i = 0; i < 20; i++)
                await call.RequestStream.WriteAsync(new Note { Text = $"{caller}", Number = i });
            await call.RequestStream.CompleteAsync();
            var heard = await call.ResponseStream.ReadAllAsync().ToListAsync();
            Assert.Equal(Enumerable.Range(0, 20).Select(i => new Note { Text = $"{caller}", Number = i }), heard);
        })).WaitAsync(EchoHost.Patience);
    }
}
