namespace Streams.Processing;

/// <summary>
/// The left table's side of a foreign-key join: tells the foreign key that a row refers to, and the one that it referred to before, about the row's
/// change (KIP-213).
/// </summary>
internal sealed class SubscriptionSendNode<TKey, TValue, TForeign>(
    string name,
    Func<TKey, TValue, TForeign?> extractor,
    ISerde<TForeign> foreignSerde,
    ISerde<TValue> valueSerde,
    bool left,
    bool versioned)
    : Node<TKey, Change<TValue>, TForeign, Subscription<TKey>>(name)
{
    private readonly RecordBuffer _buffer = new();

    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        var change = record.Value;

        // A versioned table's history is not joined: its results would replace newer ones (KIP-914).
        if (versioned && !change.IsLatest)
        {
            Context.Drop(DropReason.Outdated);
            return;
        }

        if (!change.HasNew && !change.HasOld)
            return;

        TForeign? oldForeign, newForeign;
        Hash128? hash;
        bool moved;
        try
        {
            oldForeign = change.HasOld ? extractor(record.Key, change.Old!) : default;
            newForeign = change.HasNew ? extractor(record.Key, change.New!) : default;
            hash = change.HasNew ? HashOf(change.New!) : null;
            moved = change.HasOld && oldForeign is not null && !(change.HasNew && Same(oldForeign, newForeign));
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        var refersNow = change.HasNew && newForeign is not null;
        var referredBefore = change.HasOld && oldForeign is not null;
        if (left)
        {
            // A left row has a result whether or not it refers to something, so it always gets an answer - by a record without a key, if need be.
            if (moved)
                Send(in record, oldForeign, hasForeign: true, hash, SubscriptionInstruction.DeleteQuietly);
            Send(in record, newForeign, refersNow, hash, SubscriptionInstruction.AnswerAlways);
        }
        else if (!refersNow)
        {
            if (change.HasNew)
                Context.Drop(DropReason.NoKey);
            if (referredBefore)
                Send(in record, oldForeign, hasForeign: true, hash, SubscriptionInstruction.DeleteAndAnswer);
        }
        else if (moved)
        {
            // An earlier result may have to go, so there is an answer even where the new key has no value.
            Send(in record, oldForeign, hasForeign: true, hash, SubscriptionInstruction.DeleteQuietly);
            Send(in record, newForeign, hasForeign: true, hash, SubscriptionInstruction.AnswerAlways);
        }
        else
        {
            Send(in record, newForeign, hasForeign: true, hash, SubscriptionInstruction.AnswerIfPresent);
        }
    }

    private void Send(in Record<TKey, Change<TValue>> record, TForeign? foreign, bool hasForeign, Hash128? hash, SubscriptionInstruction instruction)
    {
        var subscription = new Subscription<TKey>(hash, instruction, record.Key, Context.Partition);
        Next.Process(new Record<TForeign, Subscription<TKey>>(
            foreign!, subscription, record.Timestamp, record.HeadersOrNull, hasForeign ? Absence.None : Absence.Key));
    }

    private Hash128 HashOf(TValue value)
    {
        _buffer.Clear();
        valueSerde.Serialize(value, _buffer);
        return Murmur3.Hash(_buffer.From(0));
    }

    // By their bytes, as that is what the other side tells them apart by.
    private bool Same(TForeign one, TForeign? other)
    {
        if (other is null)
            return false;

        _buffer.Clear();
        foreignSerde.Serialize(one, _buffer);
        var length = _buffer.Length;
        foreignSerde.Serialize(other, _buffer);
        return _buffer.Span(0, length).SequenceEqual(_buffer.From(length));
    }
}
