using Microsoft.Extensions.Logging;

namespace Shop;

/// <summary>What every service of the shop has: a name, a pace and a log that goes through the node agent.</summary>
/// <remarks>A further service is one new class with this base: <see cref="ShopServices"/> finds it by its name, <c>RefundsService</c> as <c>refunds</c>.</remarks>
public abstract class ShopService
{
    private const string Suffix = "Service";

    /// <summary>The name that a service type goes by.</summary>
    public static string NameOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var name = type.Name.EndsWith(Suffix, StringComparison.Ordinal) ? type.Name[..^Suffix.Length] : type.Name;
        return name.ToLowerInvariant();
    }

    /// <summary>Does one piece of work and logs what came of it, usually one line.</summary>
    protected internal abstract void Work(Random random, ILogger logger);
}
