using System.Globalization;
using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream being split. A record goes to the first branch whose predicate holds, in the order of the calls.</summary>
public sealed class BranchedKStream<TKey, TValue>
{
    private readonly KStream<TKey, TValue> _stream;
    private readonly GraphNode _split;
    private readonly List<(Func<TKey, TValue, bool>? Predicate, string Child)> _branches = [];
    private readonly Dictionary<string, KStream<TKey, TValue>> _streams = [];

    internal BranchedKStream(KStream<TKey, TValue> stream, string name)
    {
        _stream = stream;
        _split = stream.Graph.Add(new(name, [stream.Node], (t, parents) => t.AddNode(name, parents, () => new BranchNode<TKey, TValue>(name, _branches))));
    }

    /// <summary>Adds a branch for what matches and did not match before.</summary>
    /// <param name="predicate">What belongs to the branch.</param>
    /// <param name="use">What is done with the branch; null to take it from the default branch's or <see cref="NoDefaultBranch"/>'s result.</param>
    /// <param name="named">The branch's name, appended to the split's; null for its number, from 1.</param>
    public BranchedKStream<TKey, TValue> Branch(
        Func<TKey, TValue, bool> predicate, Action<KStream<TKey, TValue>>? use = null, string? named = null) =>
        Branch(predicate, new Branched<TKey, TValue>(named, UsedUp(use)));

    /// <summary>Adds a branch for what matches and did not match before.</summary>
    /// <param name="predicate">What belongs to the branch.</param>
    /// <param name="branched">The branch's name and what is done with it.</param>
    public BranchedKStream<TKey, TValue> Branch(Func<TKey, TValue, bool> predicate, Branched<TKey, TValue> branched)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentNullException.ThrowIfNull(branched);
        Add(predicate, branched.Use, branched.Name ?? (_branches.Count + 1).ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Ends the split with a branch for all the rest.</summary>
    /// <param name="branched">The branch's name, else 0, and what is done with it.</param>
    /// <returns>Every branch that is not used up, by its full name: the split's followed by the branch's.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> DefaultBranch(Branched<TKey, TValue> branched)
    {
        ArgumentNullException.ThrowIfNull(branched);
        Add(null, branched.Use, branched.Name ?? "0");
        return _streams;
    }

    /// <summary>Ends the split with a branch for all the rest.</summary>
    /// <param name="use">What is done with the branch; null to take it from the result.</param>
    /// <param name="named">The branch's name, appended to the split's; null for 0.</param>
    /// <returns>Every branch that no action took, by its full name: the split's followed by the branch's.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> DefaultBranch(Action<KStream<TKey, TValue>>? use = null, string? named = null) =>
        DefaultBranch(new Branched<TKey, TValue>(named, UsedUp(use)));

    /// <summary>Ends the split; what matches no branch is dropped.</summary>
    /// <returns>Every branch that no action took, by its full name: the split's followed by the branch's.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> NoDefaultBranch() => _streams;

    private static Func<KStream<TKey, TValue>, KStream<TKey, TValue>?>? UsedUp(Action<KStream<TKey, TValue>>? use) =>
        use is null ? null : Branched.WithConsumer(use).Use;

    private void Add(Func<TKey, TValue, bool>? predicate, Func<KStream<TKey, TValue>, KStream<TKey, TValue>?>? use, string suffix)
    {
        // A branch uses up a number that no node shows, as in Kafka Streams.
        var graph = _stream.Graph;
        graph.NextName("KSTREAM-BRANCH-");
        var child = _split.Name + suffix;
        _branches.Add((predicate, child));
        var node = graph.Add(new(child, [_split], (t, parents) => t.AddNode(child, parents, () => new PassNode<TKey, TValue>(child))));
        var stream = new KStream<TKey, TValue>(graph, node, _stream.KeySerde, _stream.ValueSerde, _stream.KeyChanged, _stream.Sources);
        if ((use is null ? stream : use(stream)) is { } left)
            _streams.Add(child, left);
    }
}
