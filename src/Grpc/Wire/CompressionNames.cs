using Grpc.Net.Compression;

namespace Grpc.Wire;

/// <summary>The ways to compress that one side knows, by name.</summary>
internal sealed class CompressionNames
{
    private readonly Dictionary<string, ICompressionProvider> _providers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Knows these; of two with one name the later counts.</summary>
    public CompressionNames(IEnumerable<ICompressionProvider> providers)
    {
        foreach (var provider in providers)
            _providers[provider.EncodingName] = provider;
        Accepted = string.Join(',', _providers.Keys.Prepend(WireHeaders.Identity));
    }

    /// <summary>What <c>grpc-accept-encoding</c> says: none at all, and everything that is known.</summary>
    public string Accepted { get; }

    /// <summary>The provider of a name; null where there is none.</summary>
    public ICompressionProvider? Find(string name) => _providers.GetValueOrDefault(name);

    /// <summary>True where a peer's <c>grpc-accept-encoding</c> lists a name.</summary>
    public static bool IsListed(string? accepted, string name)
    {
        foreach (var part in accepted.AsSpan().Split(','))
        {
            if (accepted.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
