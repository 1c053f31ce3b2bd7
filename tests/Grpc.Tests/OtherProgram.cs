using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Grpc.Tests;

/// <summary>Someone else's program, running. It ends with the test.</summary>
internal sealed class OtherProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    public OtherProgram(string file, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits until the program ends.</summary>
    public async Task<(int Exit, string Output)> EndAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        return (_process.ExitCode, await _output + await _errors);
    }

    /// <summary>Waits until the program accepts connections.</summary>
    public async Task ListensAsync(int port, TimeSpan patience)
    {
        using var giveUp = new CancellationTokenSource(patience);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, giveUp.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await pace.WaitForNextTickAsync(giveUp.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
