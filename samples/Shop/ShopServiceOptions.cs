using System.ComponentModel.DataAnnotations;

namespace Shop;

/// <summary>How much a sample service works.</summary>
public sealed class ShopServiceOptions
{
    /// <summary>Pieces of work in a second, each about one line of log. Default 5.</summary>
    [Range(0.01, 10_000)]
    public double Pace { get; set; } = 5;

    /// <summary>Seed of the work; the same seed gives the same log. Default: drawn at random, and logged.</summary>
    public int? Seed { get; set; }
}
