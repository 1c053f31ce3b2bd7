namespace Streams.Processing;

/// <summary>The right table's side, first half: remembers who refers to which foreign key.</summary>
internal sealed class SubscriptionReceiveNode<TKey, TForeign>(string name, string storeName)
    : Node<TForeign, Subscription<TKey>, SubscriptionKey<TForeign, TKey>, Subscription<TKey>>(name)
{
    private ITimestampedKeyValueStore<SubscriptionKey<TForeign, TKey>, Subscription<TKey>> _store = null!;

    public override void Process(in Record<TForeign, Subscription<TKey>> record)
    {
        var subscription = record.Value;
        if (!record.HasKey && subscription.Instruction != SubscriptionInstruction.AnswerAlways)
        {
            Context.Drop(DropReason.NoKey);
            return;
        }

        var key = new SubscriptionKey<TForeign, TKey>(record.Key, subscription.PrimaryKey);
        if (record.HasKey)
        {
            Context.Timestamp = record.Timestamp;
            try
            {
                if (subscription.Instruction is SubscriptionInstruction.DeleteQuietly or SubscriptionInstruction.DeleteAndAnswer)
                    _store.Delete(key);
                else
                    _store.Put(key, new(subscription, record.Timestamp));
            }
            catch (Exception error) when (IsOwn(error))
            {
                Failed(error, in record);
                return;
            }
        }

        // The combined key lacks its first half where the record had no key: the absence goes on with the record.
        Next.Process(new Record<SubscriptionKey<TForeign, TKey>, Subscription<TKey>>(
            key, subscription, record.Timestamp, record.HeadersOrNull, record.HasKey ? Absence.None : Absence.Key));
    }

    protected override void OnInit() =>
        _store = (ITimestampedKeyValueStore<SubscriptionKey<TForeign, TKey>, Subscription<TKey>>)Context.Stores[storeName];
}

/// <summary>The right table's side, second half: answers a row that asks with what the right table holds now.</summary>
internal sealed class SubscriptionJoinNode<TKey, TForeign, TOther>(string name, TableGetter<TForeign, TOther> right)
    : Node<SubscriptionKey<TForeign, TKey>, Subscription<TKey>, TKey, SubscriptionResponse<TOther>>(name)
{
    public override void Process(in Record<SubscriptionKey<TForeign, TKey>, Subscription<TKey>> record)
    {
        ValueAndTimestamp<TOther> found = default;
        bool hasValue;
        try
        {
            hasValue = record.HasKey && right.TryGet(record.Key.ForeignKey, out found);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        var timestamp = hasValue ? Math.Max(record.Timestamp, found.Timestamp) : record.Timestamp;
        switch (record.Value.Instruction)
        {
            case SubscriptionInstruction.DeleteAndAnswer:
                Answer(in record, default, hasValue: false, timestamp);
                break;
            case SubscriptionInstruction.AnswerAlways:
            case SubscriptionInstruction.AnswerIfPresent when hasValue:
                Answer(in record, found.Value, hasValue, timestamp);
                break;
        }
    }

    public override void Close() => right.Close();

    protected override void OnInit() => right.Init(Context);

    private void Answer(in Record<SubscriptionKey<TForeign, TKey>, Subscription<TKey>> record, TOther? value, bool hasValue, long timestamp)
    {
        var subscription = record.Value;
        var response = new SubscriptionResponse<TOther>(subscription.Hash, value, hasValue, subscription.PrimaryPartition);
        Next.Process(new Record<TKey, SubscriptionResponse<TOther>>(subscription.PrimaryKey, response, timestamp, record.HeadersOrNull));
    }
}

/// <summary>The right table's changes: tells every row that refers to the changed key.</summary>
internal sealed class ForeignTableJoinNode<TKey, TForeign, TOther>(
    string name, string storeName, ISerde<TForeign> prefixSerde, bool versioned)
    : Node<TForeign, Change<TOther>, TKey, SubscriptionResponse<TOther>>(name)
{
    private ITimestampedKeyValueStore<SubscriptionKey<TForeign, TKey>, Subscription<TKey>> _store = null!;

    public override void Process(in Record<TForeign, Change<TOther>> record)
    {
        var change = record.Value;
        if (!record.HasKey || (versioned && !change.IsLatest))
        {
            Context.Drop(record.HasKey ? DropReason.Outdated : DropReason.NoKey);
            return;
        }

        foreach (var (key, subscription) in _store.PrefixScan(record.Key, prefixSerde))
        {
            var (hash, _, _, partition) = subscription.Value;
            var response = new SubscriptionResponse<TOther>(hash, change.New, change.HasNew, partition);
            Next.Process(new Record<TKey, SubscriptionResponse<TOther>>(key.PrimaryKey, response, record.Timestamp, record.HeadersOrNull));
        }
    }

    protected override void OnInit() =>
        _store = (ITimestampedKeyValueStore<SubscriptionKey<TForeign, TKey>, Subscription<TKey>>)Context.Stores[storeName];
}
