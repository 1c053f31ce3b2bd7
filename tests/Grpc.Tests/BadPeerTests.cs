using System.Net;
using Grpc.Core;
using Grpc.Tests.V1;
using static Grpc.Tests.RawRequest;

namespace Grpc.Tests;

/// <summary>Peers that are slow, stuck or wasteful: each call ends with the right status, and the server goes on serving.</summary>
public sealed class BadPeerTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("STREAMS_LONG") == "1";

    [Fact]
    public async Task A_reader_that_stops_holds_its_writer_back_and_nobody_else()
    {
        await using var host = await EchoHost.StartAsync();
        var written = 0;
        var payload = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]);
        var ended = new TaskCompletionSource<Exception>();
        host.Service.OnRepeat = async (_, notes, _) =>
        {
            try
            {
                while (true)
                {
                    await notes.WriteAsync(new Note { Payload = payload });
                    Interlocked.Increment(ref written);
                }
            }
            catch (Exception exception)
            {
                ended.SetResult(exception);
                throw;
            }
        };
        var client = host.Client();
        using var call = client.Repeat(new Note());
        Assert.True(await call.ResponseStream.MoveNext());

        // Others are served for as long as it takes the writer to come to a stop.
        for (var before = -1; before != Volatile.Read(ref written);)
        {
            before = Volatile.Read(ref written);
            for (var i = 0; i < 100; i++)
                await client.SayAsync(new Note());
        }

        Assert.True(written * 100_000L < 20_000_000, $"{written} messages of 100 kB were taken for a reader that reads nothing.");
        call.Dispose();
        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_server_that_reads_nothing_holds_its_client_back()
    {
        await using var host = await EchoHost.StartAsync();
        var mayEnd = new TaskCompletionSource();
        host.Service.OnGather = async (_, _) =>
        {
            await mayEnd.Task;
            return new Note { Text = "enough" };
        };
        var client = host.Client();
        using var call = client.Gather();
        var note = new Note { Payload = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) };
        var written = 0;
        var writing = Task.Run(async () =>
        {
            while (true)
            {
                await call.RequestStream.WriteAsync(note);
                Interlocked.Increment(ref written);
            }
        });

        for (var before = -1; before != Volatile.Read(ref written);)
        {
            before = Volatile.Read(ref written);
            for (var i = 0; i < 100; i++)
                await client.SayAsync(new Note());
        }

        Assert.True(written * 100_000L < 20_000_000, $"{written} messages of 100 kB were taken for a server that reads nothing.");
        mayEnd.SetResult();
        Assert.Equal("enough", (await call.ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
        Assert.NotNull(await Record.ExceptionAsync(() => writing.WaitAsync(EchoHost.Patience)));
    }

    [Fact]
    public async Task A_client_that_never_finishes_its_request_runs_into_its_deadline()
    {
        await using var host = await EchoHost.StartAsync();
        var handled = false;
        host.Service.OnSay = (note, _) =>
        {
            handled = true;
            return Task.FromResult(note);
        };
        var never = new TaskCompletionSource();

        using var response = await PostAsync(host, Say, new WaitingContent(Hello, never.Task), headers: [("grpc-timeout", "300m")]);

        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
        Assert.False(handled);
        Assert.Equal("hello", (await host.Client().SayAsync(new Note { Text = "hello" })).Text);
        never.SetResult();
    }

    [Fact]
    public async Task Streams_that_are_opened_and_dropped_leave_nothing_behind()
    {
        await using var host = await EchoHost.StartAsync();
        var open = 0;
        host.Service.OnChat = async (requests, responses, context) =>
        {
            Interlocked.Increment(ref open);
            try
            {
                await foreach (var note in requests.ReadAllAsync(context.CancellationToken))
                    await responses.WriteAsync(note);
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        };
        var client = host.Client();

        for (var i = 0; i < (IsLong ? 10_000 : 1_000); i++)
        {
            var call = client.Chat();
            if (i % 2 == 0)
                await call.RequestStream.WriteAsync(new Note());
            call.Dispose();
        }

        using var limit = new CancellationTokenSource(EchoHost.Patience);
        while (Volatile.Read(ref open) > 0)
            await client.SayAsync(new Note(), cancellationToken: limit.Token);
        Assert.Equal("hello", (await client.SayAsync(new Note { Text = "hello" })).Text);
    }
}
