using Grpc.Tests.V1;

namespace Grpc.Tests.Http2;

/// <summary>How our server takes its leave: it says so, lets what runs finish, says what the last was, and hangs up.</summary>
/// <remarks>That it takes no new calls and cuts off those that outlast it, tells <see cref="ServerLimitTests"/>; that watches of health end, <see cref="HealthTests"/>.</remarks>
public sealed class ShutdownTests
{
    private const int NoError = 0;

    [Fact]
    public async Task A_stopping_server_says_so_at_once_finishes_what_runs_and_hangs_up_after_it()
    {
        await using var host = await EchoHost.StartAsync();
        var (started, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Service.OnSay = async (note, _) =>
        {
            started.SetResult();
            await mayEnd.Task;
            return note;
        };
        using var connection = await RawConnection.ToAsync(host);
        await connection.CallAsync(1, RawRequest.Say, RawConnection.Message("finish me"));
        await started.Task.WaitAsync(EchoHost.Patience);

        var stopping = host.StopAsync();

        var farewell = await connection.ReadUntilAsync(frame => frame.Type == FrameType.GoAway);
        Assert.Equal((int.MaxValue, NoError), (farewell.NumberAt(0), farewell.NumberAt(4)));
        Assert.False(stopping.IsCompleted);
        mayEnd.SetResult();
        Assert.Equal(1, (await connection.ReadUntilAsync(frame => frame.EndsStream)).Stream);

        // Kestrel looks whether it was the last one when it hears of the client again.
        await connection.SendAsync(Frame.Ping());
        var last = await connection.ReadUntilAsync(frame => frame.Type == FrameType.GoAway);
        Assert.Equal((1, NoError), (last.NumberAt(0), last.NumberAt(4)));
        Assert.Null(await connection.ReadAsync());
        await stopping.WaitAsync(EchoHost.Patience);
    }
}
