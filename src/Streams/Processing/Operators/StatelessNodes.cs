namespace Streams.Processing;

internal sealed class FilterNode<TKey, TValue>(string name, Func<TKey, TValue, bool> predicate, bool keep)
    : Node<TKey, TValue, TKey, TValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        bool matches;
        try
        {
            matches = predicate(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (matches == keep)
            Next.Process(in record);
    }
}

internal sealed class MapNode<TKey, TValue, TNewKey, TNewValue>(string name, Func<TKey, TValue, KeyValue<TNewKey, TNewValue>> mapper)
    : Node<TKey, TValue, TNewKey, TNewValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        KeyValue<TNewKey, TNewValue> mapped;
        try
        {
            mapped = mapper(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(record.With(mapped.Key, mapped.Value));
    }
}

internal sealed class MapValuesNode<TKey, TValue, TNewValue>(string name, Func<TKey, TValue, TNewValue> mapper)
    : Node<TKey, TValue, TKey, TNewValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        TNewValue mapped;
        try
        {
            mapped = mapper(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(record.WithValue(mapped));
    }
}

internal sealed class FlatMapNode<TKey, TValue, TNewKey, TNewValue>(
    string name, Func<TKey, TValue, IEnumerable<KeyValue<TNewKey, TNewValue>>> mapper)
    : Node<TKey, TValue, TNewKey, TNewValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        // The mapper may be an iterator that runs between the records it yields, so the loop is guarded with it;
        // what fails further down is a StreamsException already and passes through.
        try
        {
            foreach (var mapped in mapper(record.Key, record.Value))
                Next.Process(record.With(mapped.Key, mapped.Value));
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
        }
    }
}

internal sealed class FlatMapValuesNode<TKey, TValue, TNewValue>(string name, Func<TKey, TValue, IEnumerable<TNewValue>> mapper)
    : Node<TKey, TValue, TKey, TNewValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        try
        {
            foreach (var mapped in mapper(record.Key, record.Value))
                Next.Process(record.WithValue(mapped));
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
        }
    }
}

internal sealed class SelectKeyNode<TKey, TValue, TNewKey>(string name, Func<TKey, TValue, TNewKey> mapper)
    : Node<TKey, TValue, TNewKey, TValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        TNewKey key;
        try
        {
            key = mapper(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(record.WithKey(key));
    }
}

/// <summary>Peek and foreach: foreach is a peek that nothing follows.</summary>
internal sealed class PeekNode<TKey, TValue>(string name, Action<TKey, TValue> action) : Node<TKey, TValue, TKey, TValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        try
        {
            action(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        Next.Process(in record);
    }
}

/// <summary>Merges and the heads of branches.</summary>
internal sealed class PassNode<TKey, TValue>(string name) : Node<TKey, TValue, TKey, TValue>(name)
{
    public override void Process(in Record<TKey, TValue> record) => Next.Process(in record);
}

/// <summary>Passes a record to the child of the first predicate that holds; a null predicate always does.</summary>
internal sealed class BranchNode<TKey, TValue>(string name, IReadOnlyList<(Func<TKey, TValue, bool>? Predicate, string Child)> branches)
    : Node<TKey, TValue, TKey, TValue>(name)
{
    private Node<TKey, TValue>[] _children = [];

    public override void Process(in Record<TKey, TValue> record)
    {
        int chosen;
        try
        {
            chosen = Choose(in record);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (chosen >= 0)
            _children[chosen].Process(in record);
    }

    protected override void OnInit()
    {
        _children = new Node<TKey, TValue>[branches.Count];
        for (var i = 0; i < branches.Count; i++)
        {
            foreach (var child in Children)
            {
                if (child.Name == branches[i].Child)
                    _children[i] = child;
            }
        }
    }

    private int Choose(in Record<TKey, TValue> record)
    {
        for (var i = 0; i < branches.Count; i++)
        {
            if (branches[i].Predicate is not { } predicate || predicate(record.Key, record.Value))
                return i;
        }

        return -1;
    }
}

/// <summary>Before a repartition topic: a record without a key has no partition and is no part of any group.</summary>
internal sealed class HasKeyNode<TKey, TValue>(string name) : Node<TKey, TValue, TKey, TValue>(name)
{
    public override void Process(in Record<TKey, TValue> record)
    {
        if (record.HasKey)
            Next.Process(in record);
    }
}
