using System.ComponentModel.DataAnnotations;

namespace Cli.Up;

/// <summary>What <c>streams up</c> starts, and where.</summary>
internal sealed class UpOptions
{
    /// <summary>Folder for everything that is kept. Default <c>data</c>.</summary>
    [Required]
    public string Data { get; set; } = "data";

    /// <summary>Kafka to use, <c>host:port</c>; null runs the embedded broker.</summary>
    public string? Kafka { get; set; }

    /// <summary>Whether the sample services run too. Default true.</summary>
    public bool Samples { get; set; } = true;

    /// <summary>Added to every port, so that two systems fit on one machine. Default 0.</summary>
    [Range(0, 50_000)]
    public int PortOffset { get; set; }
}
