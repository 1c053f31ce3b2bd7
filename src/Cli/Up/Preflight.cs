using System.Net;
using System.Net.Sockets;
using Settings;

namespace Cli.Up;

/// <summary>Looks before it leaps: what would fail half-way through a start is told before anything has started.</summary>
internal static class Preflight
{
    /// <summary>Makes the data folder and writes to it.</summary>
    /// <exception cref="SetupException">It cannot be written.</exception>
    public static void CheckFolder(string data)
    {
        try
        {
            Directory.CreateDirectory(data);
            var probe = Path.Combine(data, $".probe-{Environment.ProcessId}");
            using (File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"cannot write to the data folder {data}: {e.Message} Make it writable, or choose another with --data DIR.", e);
        }
    }

    /// <summary>Tries every port that will be needed.</summary>
    /// <exception cref="SetupException">Some are taken; the message names each with its part.</exception>
    public static void CheckPorts(IEnumerable<Listener> listeners)
    {
        var taken = listeners.Where(IsTaken).Select(listener => $"{listener.Port} ({listener.Part})").ToArray();
        if (taken.Length > 0)
        {
            throw new SetupException(
                $"{(taken.Length == 1 ? "port" : "ports")} {string.Join(", ", taken)} "
                + $"{(taken.Length == 1 ? "is" : "are")} taken by another program. Stop it, or add a number to every port: --port-offset 100.");
        }
    }

    private static bool IsTaken(Listener listener)
    {
        if (!IPAddress.TryParse(listener.Host, out var address))
            return false;

        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, listener.Port));
            socket.Listen();
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return true;
        }
        catch (SocketException e)
        {
            throw new SetupException($"the {listener.Part} cannot listen on {listener.Host}:{listener.Port}: {e.Message}.", e);
        }
    }
}
