using System.Globalization;
using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream being split. A record goes to the first branch whose predicate holds, in the order of the calls.</summary>
public sealed class BranchedKStream<TKey, TValue>
{
    private readonly DslGraph _graph;
    private readonly string _name;
    private readonly ISerde<TKey>? _keySerde;
    private readonly ISerde<TValue>? _valueSerde;
    private readonly bool _keyChanged;
    private readonly List<(Func<TKey, TValue, bool>? Predicate, string Child)> _branches = [];
    private readonly Dictionary<string, KStream<TKey, TValue>> _streams = [];

    internal BranchedKStream(
        DslGraph graph, string parent, string name, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde, bool keyChanged)
    {
        (_graph, _name, _keySerde, _valueSerde, _keyChanged) = (graph, name, keySerde, valueSerde, keyChanged);
        graph.Add(t => t.AddNode(name, [parent], () => new BranchNode<TKey, TValue>(name, _branches)));
    }

    /// <summary>Adds a branch for what matches and did not match before.</summary>
    /// <param name="predicate">What belongs to the branch.</param>
    /// <param name="use">What is done with the branch; null to take it from <see cref="DefaultBranch"/>'s or <see cref="NoDefaultBranch"/>'s result.</param>
    /// <param name="named">The branch's name, appended to the split's; null for its number, from 1.</param>
    public BranchedKStream<TKey, TValue> Branch(
        Func<TKey, TValue, bool> predicate, Action<KStream<TKey, TValue>>? use = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        Add(predicate, use, named ?? (_branches.Count + 1).ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Ends the split with a branch for all the rest.</summary>
    /// <param name="use">What is done with the branch; null to take it from the result.</param>
    /// <param name="named">The branch's name, appended to the split's; null for 0.</param>
    /// <returns>Every branch that no action took, by its full name: the split's followed by the branch's.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> DefaultBranch(Action<KStream<TKey, TValue>>? use = null, string? named = null)
    {
        Add(null, use, named ?? "0");
        return _streams;
    }

    /// <summary>Ends the split; what matches no branch is dropped.</summary>
    /// <returns>Every branch that no action took, by its full name: the split's followed by the branch's.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> NoDefaultBranch() => _streams;

    private void Add(Func<TKey, TValue, bool>? predicate, Action<KStream<TKey, TValue>>? use, string suffix)
    {
        // A branch uses up a number that no node shows, as in Kafka Streams.
        _graph.NextName("KSTREAM-BRANCH-");
        var child = _name + suffix;
        _branches.Add((predicate, child));
        _graph.Add(t => t.AddNode(child, [_name], () => new PassNode<TKey, TValue>(child)));
        var stream = new KStream<TKey, TValue>(_graph, child, _keySerde, _valueSerde, _keyChanged);
        if (use is null)
            _streams.Add(child, stream);
        else
            use(stream);
    }
}
