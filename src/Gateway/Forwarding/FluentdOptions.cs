using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Gateway.Forwarding;

/// <summary>What becomes of events that Fluentd does not take in time.</summary>
public enum ForwardDelivery
{
    /// <summary>They are dropped where the buffer is full, and counted. Agents and Kafka do not wait for Fluentd.</summary>
    BestEffort,

    /// <summary>Agents are acknowledged only what Fluentd has acknowledged; a full buffer stops the reading of their streams.</summary>
    Required,
}

/// <summary>Where the gateway forwards logs and heartbeats to, by Fluentd's forward protocol.</summary>
public sealed class FluentdOptions : IValidatableObject
{
    private const int DefaultPort = 24224;

    /// <summary>The forward input, <c>HOST</c> or <c>HOST:PORT</c> (default port 24224). Empty, the default, forwards nothing.</summary>
    public string Server { get; set; } = "";

    /// <summary>What becomes of events that Fluentd does not take. Default <c>BestEffort</c>: dropped when the buffer is full, and counted.</summary>
    public ForwardDelivery Delivery { get; set; } = ForwardDelivery.BestEffort;

    /// <summary>Tag of log records, followed by a dot and the severity: <c>logs.error</c>. Default <c>logs</c>.</summary>
    [Required, RegularExpression("[A-Za-z0-9_.-]{1,150}", ErrorMessage = "LogsTag may have letters, digits, '_', '-' and '.', at most 150.")]
    public string LogsTag { get; set; } = "logs";

    /// <summary>Tag of heartbeats. Default <c>heartbeats</c>.</summary>
    [Required, RegularExpression("[A-Za-z0-9_.-]{1,150}", ErrorMessage = "HeartbeatsTag may have letters, digits, '_', '-' and '.', at most 150.")]
    public string HeartbeatsTag { get; set; } = "heartbeats";

    /// <summary>
    /// Whether each event also carries the record as Kafka would hold it, in the field <c>protobuf</c>, for a Fluentd that itself writes to
    /// the topics (<c>fluentd/kafka-topics.conf</c>). Log records then have the one tag <c>logs.all</c>, which keeps them in order. Default false.
    /// </summary>
    public bool IncludeProtobuf { get; set; }

    /// <summary>The key that both ends have, Fluentd's <c>shared_key</c>. Empty, the default, for an input without a <c>security</c> section.</summary>
    [Settings.Secret]
    public string SharedKey { get; set; } = "";

    /// <summary>What the gateway calls itself towards Fluentd; must differ from Fluentd's <c>self_hostname</c>. Default: this machine's name with <c>-gateway</c>.</summary>
    [Required]
    public string ClientName { get; set; } = $"{Environment.MachineName}-gateway";

    /// <summary>User name, where Fluentd has <c>user_auth true</c>. Default none.</summary>
    public string Username { get; set; } = "";

    /// <summary>The user's password. Default none.</summary>
    [Settings.Secret]
    public string Password { get; set; } = "";

    /// <summary>TLS towards Fluentd.</summary>
    [Required]
    public FluentdTlsOptions Tls { get; set; } = new();

    /// <summary>Most bytes waiting for Fluentd, acknowledged ones excepted. Default 32 MiB.</summary>
    [Range(64L << 10, 1L << 40)]
    public long BufferBytesMax { get; set; } = 32L << 20;

    /// <summary>Most records waiting for Fluentd. Default 200,000.</summary>
    [Range(1, 100_000_000)]
    public int BufferRecordsMax { get; set; } = 200_000;

    /// <summary>Most bytes of a chunk, unless it holds a single larger event; a full one is sent without waiting for more. Default 1 MiB; keep it below Fluentd's <c>chunk_size_limit</c>.</summary>
    [Range(1 << 10, 64 << 20)]
    public int ChunkBytesMax { get; set; } = 1 << 20;

    /// <summary>How long an event waits for company. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Chunks sent and not yet acknowledged. Default 8.</summary>
    [Range(1, 1_000)]
    public int UnacknowledgedChunksMax { get; set; } = 8;

    /// <summary>How long a chunk may stay unacknowledged before the connection is made anew and it is sent again. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan AcknowledgeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// With <see cref="ForwardDelivery.BestEffort"/>: times a chunk is sent before it is dropped and counted, so that one which Fluentd never
    /// acknowledges does not hold up the others. Default 5. A connection that cannot be made does not count.
    /// </summary>
    [Range(1, 1_000_000)]
    public int AttemptsMax { get; set; } = 5;

    /// <summary>Longest wait for the connection, and for each step of its handshake. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause before the first new attempt to connect; each further one is twice as long, and up to a quarter is taken off at random. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause between two attempts to connect. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan RetryIntervalMax { get; set; } = TimeSpan.FromSeconds(30);

    internal bool IsOn => Server.Length > 0;

    internal bool IsRequired => IsOn && Delivery is ForwardDelivery.Required;

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsOn)
            yield break;
        if (!TryEndpoint(out _, out _))
            yield return new($"Fluentd.Server '{Server}' is not HOST or HOST:PORT; an IPv6 address goes in brackets.", [nameof(Server)]);
        if (ChunkBytesMax > BufferBytesMax)
            yield return new($"Fluentd.ChunkBytesMax ({ChunkBytesMax}) is above BufferBytesMax ({BufferBytesMax}).", [nameof(ChunkBytesMax)]);
        if (RetryInterval > RetryIntervalMax)
            yield return new($"Fluentd.RetryInterval ({RetryInterval}) is above RetryIntervalMax ({RetryIntervalMax}).", [nameof(RetryInterval)]);
        if (SharedKey.Length == 0 && Username.Length > 0)
            yield return new("Fluentd.Username is set without SharedKey; Fluentd asks for users only in a security section, which has a key.", [nameof(Username)]);
        if (!Tls.Enabled && (Tls.CaFile.Length > 0 || Tls.CertificateFile.Length > 0 || Tls.KeyFile.Length > 0 || Tls.ServerName.Length > 0))
            yield return new("Fluentd.Tls has settings, but Tls.Enabled is false; set it to true, or take them out.", [nameof(Tls)]);
        if (Tls.CertificateFile.Length == 0 != (Tls.KeyFile.Length == 0))
            yield return new("Fluentd.Tls needs CertificateFile and KeyFile together, or neither.", [nameof(Tls)]);
    }

    internal bool TryEndpoint(out string host, out int port)
    {
        (host, port) = (Server, DefaultPort);
        var colon = Server.LastIndexOf(':');
        if (colon >= 0 && !Server.EndsWith(']'))
        {
            host = Server[..colon];
            if (!int.TryParse(Server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)
                return false;
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false;
        return Uri.CheckHostName(host) is not UriHostNameType.Unknown;
    }
}

/// <summary>TLS towards Fluentd. The server's certificate is always verified.</summary>
public sealed class FluentdTlsOptions
{
    /// <summary>Whether to speak TLS: Fluentd's <c>&lt;transport tls&gt;</c>. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>PEM file of the authorities to trust. Empty, the default, for the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>PEM file of the gateway's own certificate, where Fluentd has <c>client_cert_auth true</c>. Default none.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM file of that certificate's key. Default none.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Name that Fluentd's certificate must have. Empty, the default, for the host of <see cref="FluentdOptions.Server"/>.</summary>
    public string ServerName { get; set; } = "";
}
