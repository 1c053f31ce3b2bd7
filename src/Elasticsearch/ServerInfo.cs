namespace Elasticsearch;

/// <summary>What a server says of itself (<c>GET /</c>).</summary>
/// <param name="Version">Its version, such as 8.14.1.</param>
/// <param name="Distribution">What it is where it is no Elasticsearch, such as <c>opensearch</c>; null for Elasticsearch.</param>
/// <param name="ClusterName">The cluster's name.</param>
public sealed record ServerInfo(Version Version, string? Distribution, string ClusterName);

/// <summary>An index and its age.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made, by the server's clock.</param>
public readonly record struct IndexInfo(string Name, DateTimeOffset Created);

/// <summary>A document that a search found.</summary>
/// <param name="Id">Its <c>_id</c>.</param>
/// <param name="Source">The document, as JSON.</param>
public readonly record struct SearchHit(string Id, ReadOnlyMemory<byte> Source);
