using System.Net.Sockets;
using Grpc.Net.Client.Balancer;

namespace Grpc.Net.Client.Connections;

/// <summary>A connection that nobody uses yet, watched for the server's hanging up.</summary>
internal sealed class HeldSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly Action<HeldSocket> _lost;
    private readonly CancellationTokenSource _taken = new();
    private readonly Task _watching;

    public HeldSocket(Socket socket, Action<HeldSocket> lost)
    {
        (_socket, _lost) = (socket, lost);
        _watching = WatchAsync();
    }

    /// <exception cref="SocketException">There is no connection, or none within that time.</exception>
    public static async Task<Socket> ConnectAsync(BalancerAddress address, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.EndPoint, limit.Token).ConfigureAwait(false);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The socket, for whoever uses it from now on; null where the server has hung up.</summary>
    public async ValueTask<Socket?> TakeAsync()
    {
        await _taken.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        try
        {
            if (!_socket.Poll(0, SelectMode.SelectRead) || _socket.Available > 0)
                return _socket;
        }
        catch (SocketException)
        {
            // Reset: as good as closed.
        }

        _socket.Dispose();
        return null;
    }

    public void Dispose()
    {
        _taken.Cancel();
        _socket.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            // Completes when the server hangs up, or speaks first, which stays for who takes the socket.
            if (await _socket.ReceiveAsync(new byte[1], SocketFlags.Peek, _taken.Token).ConfigureAwait(false) == 0)
                _lost(this);
        }
        catch (OperationCanceledException)
        {
            // Taken.
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            if (!_taken.IsCancellationRequested)
                _lost(this);
        }
    }
}
