using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TestKit;

/// <summary>Ports for servers that come later, go and come back, or never come.</summary>
/// <remarks>
/// A port that the system chose is one that it may choose again, for any listener or connection on the machine: while a server is away,
/// its clients then reach a stranger, and it finds its port taken when it comes back. These lie below what systems choose from (from 32768
/// on under Linux, from 49152 on elsewhere) and are given once in a process.
/// </remarks>
public static class UnusedPort
{
    private const int First = 10_000;
    private const int Last = 32_767;

    private static readonly ConcurrentDictionary<int, bool> _given = new();

    /// <summary>A port that nobody listens on now.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (TryGive(port))
                return port;
        }
    }

    /// <summary>A port that nobody listens on now, nor on the one that is <paramref name="distance"/> above it.</summary>
    public static int TakeWith(int distance)
    {
        while (true)
        {
            var port = Take();
            if (port + distance <= Last && TryGive(port + distance))
                return port;
        }
    }

    /// <summary>Whether nobody listens on a port now. Others may still be given it.</summary>
    public static bool IsUnused(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool TryGive(int port) => _given.TryAdd(port, true) && IsUnused(port);
}
