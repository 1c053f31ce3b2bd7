using System.ComponentModel.DataAnnotations;
using Settings;

namespace LoadScenarios;

/// <summary>Whom a load test puts load on, for how long, and what decides whether it passes.</summary>
public sealed class LoadOptions : IValidatableObject
{
    /// <summary>The gateway. Default <c>http://127.0.0.1:7070</c>; <c>https</c> for TLS.</summary>
    [Required]
    public string Gateway { get; set; } = "http://127.0.0.1:7070";

    /// <summary>The monitor. Default <c>http://127.0.0.1:7071</c>; <c>https</c> for TLS.</summary>
    [Required]
    public string Monitor { get; set; } = "http://127.0.0.1:7071";

    /// <summary>Sent with every call as <c>authorization: Bearer TOKEN</c>. Default none.</summary>
    public string? Token { get; set; }

    /// <summary>Certificates, where an address is <c>https</c>.</summary>
    [Required]
    public LoadTlsOptions Tls { get; set; } = new();

    /// <summary>Length of the measured part. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Load before the measured part, at its rate; counted nowhere. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Beginning of the measured part in which the rate rises evenly from nothing. Default 0: the full rate at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan Ramp { get; set; } = TimeSpan.Zero;

    /// <summary>How long a call may take before it counts as failed. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Invocations under way at most; one that is due then is not begun and counts as failed. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>Thresholds beside the scenario's own; one on the same quantity replaces it. Default none.</summary>
    [Required]
    public IReadOnlyList<string> Thresholds { get; set; } = [];

    /// <summary>Folder for report.txt, report.json and report.html. Default none: the report is printed only.</summary>
    public string? Report { get; set; }

    /// <summary>What all that is left to chance follows from. Default: drawn, and printed.</summary>
    public int? Seed { get; set; }

    /// <summary>The scenario <c>ingest</c>.</summary>
    [Required]
    public IngestLoadOptions Ingest { get; set; } = new();

    /// <summary>The scenario <c>heartbeats</c>.</summary>
    [Required]
    public HeartbeatsLoadOptions Heartbeats { get; set; } = new();

    /// <summary>The scenario <c>queries</c>.</summary>
    [Required]
    public QueriesLoadOptions Queries { get; set; } = new();

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, address) in new[] { (nameof(Gateway), Gateway), (nameof(Monitor), Monitor) })
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                yield return new($"'{address}' is no address; write http://host:port or https://host:port.", [name]);
        }

        if (Ramp > Duration)
            yield return new($"The ramp ({Ramp}) is longer than the whole measured part ({Duration}).", [nameof(Ramp)]);
        if (Tls is { CertificateFile: null, KeyFile: not null } or { CertificateFile: not null, KeyFile: null })
            yield return new("A certificate and its key go together: give both tls.certificateFile and tls.keyFile, or neither.", [nameof(Tls)]);
    }
}

/// <summary>Certificates for calls over TLS, as PEM files.</summary>
public sealed class LoadTlsOptions
{
    /// <summary>Whom to trust in place of the machine's own authorities. Default none.</summary>
    public string? CaFile { get; set; }

    /// <summary>This client's certificate, where the server asks for one. Default none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Its private key.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>Agents that ship logs.</summary>
public sealed class IngestLoadOptions
{
    /// <summary>Records a second, of all agents together. Default 20,000.</summary>
    [Range(1, 10_000_000)]
    public int Rate { get; set; } = 20_000;

    /// <summary>Records in a batch. Default 100: what an agent has read in the time that its last batch took, on a busy node. An agent sends 2,000 at most.</summary>
    [Range(1, 100_000)]
    public int Batch { get; set; } = 100;

    /// <summary>Agents, each with a connection and a stream of its own. Default 100.</summary>
    [Range(1, 10_000)]
    public int Agents { get; set; } = 100;

    /// <summary>Records of a hundred that are warnings or errors, which raise alerts. Default 1.</summary>
    [Range(0, 100)]
    public int AlertPercent { get; set; } = 1;

    /// <summary>Whether to count at the end that the monitor holds every acknowledged record once. Default true.</summary>
    public bool Verify { get; set; } = true;

    /// <summary>How long storing may make no progress before what is missing counts as lost. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan VerifyPatience { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>Nodes that send signs of life.</summary>
public sealed class HeartbeatsLoadOptions
{
    /// <summary>Nodes, each with a stream of its own. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int Nodes { get; set; } = 1_000;

    /// <summary>Time between two heartbeats of a node. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Connections that the nodes share. Default 50.</summary>
    [Range(1, 10_000)]
    public int Connections { get; set; } = 50;

    /// <summary>Whether to check that the monitor sees every node up and raised no alarm. Default true.</summary>
    public bool Verify { get; set; } = true;
}

/// <summary>People and programs that ask the monitor, while agents ship and nodes beat.</summary>
public sealed class QueriesLoadOptions
{
    /// <summary>Queries a second. Default 20.</summary>
    [Range(1, 100_000)]
    public int Rate { get; set; } = 20;

    /// <summary>Connections that the queries share. Default 4.</summary>
    [Range(1, 1_000)]
    public int Connections { get; set; } = 4;

    /// <summary>Logs asked for at most by one search. Default 100.</summary>
    [Range(1, 10_000)]
    public int Limit { get; set; } = 100;

    /// <summary>Records a second that agents ship meanwhile; 0 for none. Default 2,000.</summary>
    [Range(0, 10_000_000)]
    public int IngestRate { get; set; } = 2_000;

    /// <summary>Nodes that beat meanwhile. Default 100.</summary>
    [Range(1, 100_000)]
    public int Nodes { get; set; } = 100;
}
