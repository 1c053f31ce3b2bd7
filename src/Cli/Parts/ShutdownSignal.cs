using System.Runtime.InteropServices;

namespace Cli.Parts;

/// <summary>Ctrl-C and SIGTERM: the first asks for a clean end, a second Ctrl-C ends the process at once.</summary>
internal sealed class ShutdownSignal : IDisposable
{
    private const int InterruptedExitCode = 130;

    private readonly CancellationTokenSource _requested = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownSignal() =>
        _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM), Listen(PosixSignal.SIGHUP)];

    /// <summary>Cancelled once an end was asked for.</summary>
    public CancellationToken Requested => _requested.Token;

    /// <summary>Asks for an end from within, as a signal would.</summary>
    public void Request() => _requested.Cancel();

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _requested.Dispose();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (_requested.IsCancellationRequested && signal is PosixSignal.SIGINT)
            Environment.Exit(InterruptedExitCode);
        _requested.Cancel();
    });
}
