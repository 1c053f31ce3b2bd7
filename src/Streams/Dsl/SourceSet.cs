namespace Streams.Dsl;

/// <summary>The source nodes that a stream or table comes from: what must have as many partitions as what it is joined with.</summary>
internal sealed class SourceSet
{
    private SourceSet(IReadOnlyList<string> names) => Names = names;

    public IReadOnlyList<string> Names { get; }

    public static SourceSet Of(string source) => new([source]);

    public SourceSet Union(SourceSet other) => new([.. Names.Union(other.Names)]);
}
