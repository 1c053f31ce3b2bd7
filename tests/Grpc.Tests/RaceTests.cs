using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>A call's ends racing each other: deadline, cancellation, disposal, the handler's return.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task Calls_cut_off_at_any_moment_end_with_an_honest_status_and_leave_the_channel_sound()
    {
        // Of the streams that a client gave up, Kestrel lets twice a connection's limit of 100 be unfinished, and then tells it to be calm; on a
        // busy machine more than that would be. So no connection sees more than that.
        const int Channels = 4;
        const int CallsEach = 100;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var host = await EchoHost.StartAsync();
        var clients = Enumerable.Range(0, Channels).Select(_ => host.Client()).ToList();

        var ends = await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, CallsEach).Select(i => CutOffAsync(client, i % 4, random.Next(0, 3000)))))
            .WaitAsync(EchoHost.Patience);

        Assert.True(
            ends.All(code => code is StatusCode.OK or StatusCode.Cancelled or StatusCode.DeadlineExceeded),
            $"Seed {seed}: {string.Join(", ", ends.Distinct())}");
        foreach (var client in clients)
            Assert.Equal(1, (await client.SayAsync(new Note { Number = 1 })).Number);
    }

    private static async Task<StatusCode> CutOffAsync(Echo.EchoClient client, int how, int microseconds)
    {
        using var cancellation = new CancellationTokenSource();
        var deadline = how == 0 ? DateTime.UtcNow.AddMicroseconds(microseconds) : (DateTime?)null;
        using var call = client.Chat(deadline: deadline, cancellationToken: cancellation.Token);
        if (how == 1)
            cancellation.CancelAfter(TimeSpan.FromMicroseconds(microseconds));
        using var disposing = new Timer(_ => call.Dispose(), null, how == 2 ? microseconds / 1000 : Timeout.Infinite, Timeout.Infinite);

        try
        {
            await SpeakAsync(call);
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }

        return call.GetStatus().StatusCode;
    }

    private static async Task SpeakAsync(AsyncDuplexStreamingCall<Note, Note> call)
    {
        for (var i = 0; i < 5; i++)
        {
            try
            {
                await call.RequestStream.WriteAsync(new Note { Number = i });
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                // The server ended the stream first, by its own clock. Why, the responses tell.
            }

            Assert.True(await call.ResponseStream.MoveNext());
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }
}
