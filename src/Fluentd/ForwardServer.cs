using System.Security.Cryptography.X509Certificates;

namespace Fluentd;

/// <summary>Where events are forwarded to, and how the two ends know each other.</summary>
public sealed class ForwardServer
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port; Fluentd's is 24224.</summary>
    public required int Port { get; init; }

    /// <summary>The key both ends have, as Fluentd's <c>shared_key</c>; null where the server has no <c>security</c> section.</summary>
    public string? SharedKey { get; init; }

    /// <summary>What this client calls itself in the handshake. Must not be what the server calls itself.</summary>
    public string ClientName { get; init; } = Environment.MachineName;

    /// <summary>User name, where the server asks for one (<c>user_auth true</c>).</summary>
    public string Username { get; init; } = "";

    /// <summary>The user's password.</summary>
    public string Password { get; init; } = "";

    /// <summary>How to speak TLS; null to speak plainly.</summary>
    public ForwardTls? Tls { get; init; }

    /// <summary>Longest wait for the connection, and for each step of the handshake.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>TLS towards a forward server. Its certificate is always verified.</summary>
public sealed class ForwardTls
{
    /// <summary>The name that the server's certificate must have; null for the host that is connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>Authorities to trust in place of the system's; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>This client's certificate with its key, where the server asks for one (<c>client_cert_auth true</c>).</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
