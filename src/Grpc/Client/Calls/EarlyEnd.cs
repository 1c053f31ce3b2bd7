using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>What may end a call before its response does: its deadline, its caller, and the call that it was made for.</summary>
internal sealed class EarlyEnd(ClientCall call)
{
    private Countdown? _countdown;
    private CancellationTokenRegistration _byCaller;
    private CancellationTokenRegistration _byParent;

    /// <summary>Begins to watch for them. The call may end at once.</summary>
    /// <param name="left">Time until the deadline; null where there is none.</param>
    /// <param name="caller">The caller's token.</param>
    /// <param name="parent">The token of the call that this one was made for.</param>
    public void Start(TimeSpan? left, CancellationToken caller, CancellationToken parent)
    {
        if (left is { } time)
        {
            _countdown = new(time, call.Channel.Time, call.Expire);
            _countdown.Start();
        }

        _byCaller = Register(caller);
        _byParent = Register(parent);
    }

    public void Stop()
    {
        _countdown?.Stop();
        _byCaller.Unregister();
        _byParent.Unregister();
    }

    private CancellationTokenRegistration Register(CancellationToken token) =>
        token.UnsafeRegister(static call => ((ClientCall)call!).Cancel(), call);
}
