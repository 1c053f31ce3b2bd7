using System.Net.Sockets;
using Grpc.Net.Client.Balancer;

namespace Grpc.Net.Client.Connections;

/// <summary>A connection of the HTTP handler, which says when it is closed.</summary>
internal sealed class TrackedStream(Socket socket, Subchannel subchannel) : NetworkStream(socket, ownsSocket: true)
{
    private int _isClosed;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
            subchannel.OnStreamLost(isOpen: true);
    }
}
