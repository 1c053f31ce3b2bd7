using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Buffers;
using MessagePack;

namespace Fluentd;

/// <summary>A connection to a forward server that has let us in. One sends and one reads, at the same time.</summary>
public sealed class ForwardConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly MessageReader _reader;
    private readonly ForwardServer _server;

    private ForwardConnection(Stream stream, ForwardServer server) =>
        (_stream, _reader, _server) = (stream, new MessageReader(stream), server);

    /// <summary>Connects: TCP, TLS where asked for, and the handshake where there is a key.</summary>
    /// <param name="server">Where to, and how.</param>
    /// <param name="time">The clock of the time limits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ForwardException">There is no such server, it is not who it should be, or it does not let us in.</exception>
    public static async Task<ForwardConnection> OpenAsync(ForwardServer server, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var late = new CancellationTokenSource(server.StepTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        var step = "take the connection";
        Stream? stream = null;
        try
        {
            stream = await ConnectAsync(server, either.Token).ConfigureAwait(false);
            if (server.Tls is { } tls)
            {
                step = "answer in TLS";
                late.CancelAfter(server.StepTimeout);
                stream = await SecureAsync(stream, server, tls, either.Token).ConfigureAwait(false);
            }

            var connection = new ForwardConnection(stream, server);
            if (server.SharedKey is { Length: > 0 })
            {
                step = "finish the handshake; does it have a security section with a shared key?";
                late.CancelAfter(server.StepTimeout);
                await connection.ShakeHandsAsync(late, either.Token).ConfigureAwait(false);
            }

            return connection;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            await CloseAsync(stream).ConfigureAwait(false);
            throw new ForwardException($"The forward server at {server.Host}:{server.Port} cannot be reached: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            await CloseAsync(stream).ConfigureAwait(false);
            throw new ForwardException($"The forward server at {server.Host}:{server.Port} did not, within {server.StepTimeout}, {step}", e);
        }
        catch
        {
            await CloseAsync(stream).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="ForwardException">The connection is lost.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        try
        {
            await _stream.WriteAsync(message, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw Lost(e);
        }
    }

    /// <summary>Waits for the next acknowledgement.</summary>
    /// <returns>The chunk it names; null where the server has closed the connection.</returns>
    /// <exception cref="ForwardException">The connection is lost, or what came is no acknowledgement.</exception>
    public async ValueTask<string?> ReadAckAsync(CancellationToken cancellation)
    {
        try
        {
            return await _reader.ReadAsync(cancellation).ConfigureAwait(false) is { } message ? Acknowledged(message) : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw Lost(e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync().ConfigureAwait(false);
        await CloseAsync(_stream).ConfigureAwait(false);
    }

    private static async Task<Stream> ConnectAsync(ForwardServer server, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> SecureAsync(Stream plain, ForwardServer server, ForwardTls tls, CancellationToken cancellation)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = tls.ServerName ?? server.Host };
        if (tls.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (tls.ClientCertificate is { } certificate)
            options.ClientCertificates = [certificate];
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ShakeHandsAsync(CancellationTokenSource late, CancellationToken cancellation)
    {
        var handshake = new Handshake(_server);
        var ping = handshake.Ping(await NextAsync(cancellation).ConfigureAwait(false));
        await _stream.WriteAsync(ping, cancellation).ConfigureAwait(false);
        late.CancelAfter(_server.StepTimeout);
        handshake.Check(await NextAsync(cancellation).ConfigureAwait(false));
    }

    private async Task<byte[]> NextAsync(CancellationToken cancellation) =>
        await _reader.ReadAsync(cancellation).ConfigureAwait(false)
        ?? throw new ForwardException($"The forward server at {_server.Host}:{_server.Port} closed the connection during the handshake.");

    private string Acknowledged(byte[] message)
    {
        try
        {
            var reader = new MessagePackReader(message);
            if (reader.NextMessagePackType == MessagePackType.Map)
            {
                for (var entries = reader.ReadMapHeader(); entries > 0; entries--)
                {
                    if (reader.ReadString() == "ack" && reader.NextMessagePackType is MessagePackType.String or MessagePackType.Binary)
                        return Encoding.UTF8.GetString((reader.NextMessagePackType == MessagePackType.String ? reader.ReadStringSequence() : reader.ReadBytes())?.ToArray() ?? []);
                    reader.Skip();
                }
            }
            else if (reader.NextMessagePackType == MessagePackType.Array && reader.ReadArrayHeader() > 0
                && reader.NextMessagePackType == MessagePackType.String && reader.ReadString() == "HELO")
            {
                throw new ForwardException($"The forward server at {_server.Host}:{_server.Port} asks for a shared key, and none is set.");
            }
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException)
        {
            throw NoAck(e);
        }

        throw NoAck(null);
    }

    private ForwardException NoAck(Exception? inner) =>
        new($"The forward server at {_server.Host}:{_server.Port} sent what is no acknowledgement.", inner);

    private ForwardException Lost(Exception e) =>
        new($"The connection to the forward server at {_server.Host}:{_server.Port} is lost: {e.InnerException?.Message ?? e.Message}", e);

    private static ValueTask CloseAsync(Stream? stream) => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
