using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Metrics.Admin;

/// <summary>Where a part answers <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>, over plain HTTP.</summary>
public sealed class AdminOptions : IValidatableObject
{
    /// <summary>Whether it answers at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Address to listen on: an IP address or <c>localhost</c>. Default <c>127.0.0.1</c>: this machine only.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes any free one. Default by part: gateway 9470, monitor 9471, agent 9472, broker 9473, console 9474.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// Whether anyone may ask where <see cref="Host"/> is not this machine alone. Default false: nobody is asked who they are, so listening
    /// wider must be meant.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Most label sets of one metric; measurements for further ones are dropped and counted. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int SeriesMax { get; set; } = 2_000;

    /// <summary>Checks what attributes cannot say.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Enabled)
            yield break;
        if (!TryAddress(out var address))
            yield return new($"Admin.Host '{Host}' is neither an IP address nor 'localhost'; 0.0.0.0 listens on every address.", [nameof(Host)]);
        else if (!IPAddress.IsLoopback(address) && !AllowAnonymous)
            yield return new($"Admin.Host {Host} is open to other machines and nobody is asked who they are; set Admin.AllowAnonymous to true if that is meant.", [nameof(Host)]);
    }

    internal bool TryAddress(out IPAddress address)
    {
        if (Host == "localhost")
        {
            address = IPAddress.Loopback;
            return true;
        }

        return IPAddress.TryParse(Host, out address!);
    }
}
