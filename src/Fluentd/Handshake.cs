using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MessagePack;

namespace Fluentd;

/// <summary>How two ends that have a shared key show each other that they have it.</summary>
/// <remarks>
/// <code>
/// server  ["HELO", {"nonce": N, "auth": A, "keepalive": true}]
/// client  ["PING", client name, salt, sha512(salt, client name, N, key), user name, sha512(A, user name, password)]
/// server  ["PONG", true, "", server name, sha512(salt, server name, N, key)]
/// </code>
/// Digests are over the bytes one after the other, in lower-case hex. Fluentd sends the nonce as bin, Fluent Bit as str that may hold
/// any bytes. Source: Fluentd's forward protocol specification v1, "Handshake messages".
/// </remarks>
internal sealed class Handshake(ForwardServer server)
{
    private readonly byte[] _salt = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
    private byte[] _nonce = [];

    /// <summary>The answer to a HELO.</summary>
    /// <exception cref="ForwardException">It is none.</exception>
    public byte[] Ping(byte[] helo)
    {
        var auth = Array.Empty<byte>();
        var hasNonce = false;
        Read(helo, "HELO", (ref MessagePackReader reader, int elements) =>
        {
            var entries = elements > 1 && reader.NextMessagePackType == MessagePackType.Map ? reader.ReadMapHeader() : 0;
            for (var i = 0; i < entries; i++)
            {
                var name = Text(ref reader);
                if (name == "nonce")
                    (_nonce, hasNonce) = (Bytes(ref reader), true);
                else if (name == "auth")
                    auth = Bytes(ref reader);
                else
                    reader.Skip();
            }
        });
        if (!hasNonce)
            throw new ForwardException($"{Place} sent a HELO without a nonce; is it a Fluentd forward input?");

        var asksForUser = auth.Length > 0;
        var message = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(message);
        writer.WriteArrayHeader(6);
        writer.Write("PING");
        writer.Write(server.ClientName);
        writer.WriteString(_salt);
        writer.Write(KeyDigest(Encoding.UTF8.GetBytes(server.ClientName)));
        writer.Write(asksForUser ? server.Username : "");
        writer.Write(asksForUser ? Digest(auth, Encoding.UTF8.GetBytes(server.Username), Encoding.UTF8.GetBytes(server.Password)) : "");
        writer.Flush();
        return message.WrittenSpan.ToArray();
    }

    /// <summary>Checks a PONG: the server lets us in, and has the key itself.</summary>
    /// <exception cref="ForwardException">It does not, or has not.</exception>
    public void Check(byte[] pong)
    {
        var (isLetIn, reason, name, digest) = (false, "", Array.Empty<byte>(), "");
        Read(pong, "PONG", (ref MessagePackReader reader, int elements) =>
        {
            if (elements < 5 || reader.NextMessagePackType != MessagePackType.Boolean)
                throw new ForwardException($"{Place} sent a PONG of {elements} elements; is it a Fluentd forward input?");
            isLetIn = reader.ReadBoolean();
            reason = Text(ref reader);
            name = Bytes(ref reader);
            digest = Text(ref reader);
        });

        if (!isLetIn)
            throw new ForwardException($"{Place} refuses this client: {reason}. Compare the shared key, and the user name and password where it asks for them.");
        if (name.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(server.ClientName)))
            throw new ForwardException($"{Place} calls itself '{server.ClientName}' as this client does, which the protocol forbids; give this client another name.");
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(digest), Encoding.UTF8.GetBytes(KeyDigest(name))))
            throw new ForwardException($"{Place} did not show that it has the shared key; nothing was sent to it.");
    }

    private string Place => $"The forward server at {server.Host}:{server.Port}";

    private string KeyDigest(byte[] name) => Digest(_salt, name, _nonce, Encoding.UTF8.GetBytes(server.SharedKey ?? ""));

    private static string Digest(params ReadOnlySpan<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        foreach (var part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private delegate void ReadRest(ref MessagePackReader reader, int elements);

    private void Read(byte[] message, string kind, ReadRest read)
    {
        try
        {
            var reader = new MessagePackReader(message);
            var elements = reader.NextMessagePackType == MessagePackType.Array ? reader.ReadArrayHeader() : 0;
            if (elements == 0 || Text(ref reader) != kind)
                throw new ForwardException($"{Place} did not send a {kind} where one was due; does it have a security section with a shared key?");
            read(ref reader, elements);
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or InvalidOperationException)
        {
            throw new ForwardException($"{Place} sent a {kind} that cannot be read.", e);
        }
    }

    private static string Text(ref MessagePackReader reader) => Encoding.UTF8.GetString(Bytes(ref reader));

    // A str is handed out as bytes too: what stands in it need not be text.
    private static byte[] Bytes(ref MessagePackReader reader) => reader.NextMessagePackType switch
    {
        MessagePackType.String => reader.ReadStringSequence()?.ToArray() ?? [],
        MessagePackType.Binary => reader.ReadBytes()?.ToArray() ?? [],
        _ => throw new MessagePackSerializationException("Neither str nor bin."),
    };
}
