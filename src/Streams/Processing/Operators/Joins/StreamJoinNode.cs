namespace Streams.Processing;

/// <summary>
/// One side of a stream-stream join: each record meets the other side's records within the window, and has the greater of their times in the
/// result. In a left or outer join, a record that finds none waits until its window and grace have passed in stream time, and only then goes out
/// alone: no result is taken back later. One that comes when its window is past already goes out at once.
/// </summary>
/// <remarks>
/// Records that lack key or value match nothing: dropped, but for those without a key on an outer side, which go out alone at once. Semantics of
/// KIP-633 and KIP-962 as Kafka Streams 4.3 has them, with its order of results: by time, right before left, then key.
/// </remarks>
internal abstract class StreamJoinNode<TKey, TThis, TOther, TLeft, TRight, TResult>(
    string name, string otherStore, StreamJoin<TKey, TLeft, TRight, TResult> join, bool outer)
    : Node<TKey, TThis, TKey, TResult>(name)
{
    private readonly List<KeyValue<long, TOther>> _found = [];
    private IWindowStore<TKey, TOther> _other = null!;
    private UnmatchedRecords<TKey, TLeft, TRight>? _unmatched;
    private JoinTimes _times = null!;

    /// <summary>How far a partner may lie before a record of this side, in milliseconds.</summary>
    protected abstract long BeforeMs { get; }

    /// <summary>How far a partner may lie after a record of this side, in milliseconds.</summary>
    protected abstract long AfterMs { get; }

    protected StreamJoin<TKey, TLeft, TRight, TResult> Join => join;

    public sealed override void Process(in Record<TKey, TThis> record)
    {
        _times.Advance(record.Timestamp);
        if (!record.HasKey || !record.HasValue)
        {
            if (outer && record.HasValue)
                Emit(in record, default!, record.Timestamp);
            else
                Context.Drop(record.HasKey ? DropReason.NoValue : DropReason.NoKey);
            return;
        }

        if (_unmatched is not null && record.Timestamp == _times.StreamTime)
            EmitClosed(in record);

        var from = Math.Max(0, record.Timestamp - BeforeMs);
        var to = Math.Max(0, record.Timestamp + AfterMs);
        _found.Clear();
        _other.CollectWindows(record.Key, from, to, _found);
        foreach (var (time, value) in _found)
        {
            Matched(in record, time);
            if (!Emit(in record, value, Math.Max(record.Timestamp, time)))
                return;
        }

        if (outer && _found.Count == 0)
            GoAlone(in record, to);

        // Whatever the store holds on to, it is not for this list's sake.
        _found.Clear();
    }

    protected override void OnInit()
    {
        _other = (IWindowStore<TKey, TOther>)Context.Stores[otherStore];
        _times = join.Times.Of(Context);
        if (join.UnmatchedStore is { } store)
        {
            _unmatched = new(Context.Stores[store]);
            _times.FirstUnmatched = Math.Min(_times.FirstUnmatched, _unmatched.FirstTime);
        }
    }

    protected abstract TResult JoinWith(TKey key, TThis value, TOther other);

    protected abstract UnmatchedKey<TKey> ThisKey(TKey key, long time);

    protected abstract UnmatchedKey<TKey> OtherKey(TKey key, long time);

    protected abstract UnmatchedValues<TLeft, TRight> With(in UnmatchedValues<TLeft, TRight> waiting, TThis value);

    /// <summary>Joins and sends on; false where the joiner failed and the record is dropped.</summary>
    private bool Emit(in Record<TKey, TThis> record, TOther other, long time)
    {
        for (var attempt = 1; ; attempt++)
        {
            TResult result;
            try
            {
                result = JoinWith(record.Key, record.Value, other);
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (TriesAgain(error, in record, attempt))
                    continue;
                return false;
            }

            Next.Process(record.WithValue(result).WithTimestamp(time));
            return true;
        }
    }

    // A result that fails and is to be dropped goes alone: the record that brought the time goes on.
    private void EmitAlone(in Record<TKey, TThis> record, in UnmatchedKey<TKey> key, in UnmatchedValues<TLeft, TRight> values, int index)
    {
        for (var attempt = 1; ; attempt++)
        {
            TResult result;
            try
            {
                result = values.Left is { } left
                    ? join.Joiner(key.Key, left[index], default!)
                    : join.Joiner(key.Key, default!, values.Right![index]);
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (TriesAgain(error, in record, attempt))
                    continue;
                return;
            }

            Next.Process(new Record<TKey, TResult>(key.Key, result, key.Time, record.HeadersOrNull));
            return;
        }
    }

    private void Matched(in Record<TKey, TThis> record, long time)
    {
        if (_unmatched is null)
            return;

        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        _unmatched.Remove(OtherKey(record.Key, time));
    }

    private void GoAlone(in Record<TKey, TThis> record, long windowEnd)
    {
        if (_unmatched is null || windowEnd < _times.StreamTime)
        {
            Emit(in record, default!, record.Timestamp);
            return;
        }

        _times.FirstUnmatched = Math.Min(_times.FirstUnmatched, record.Timestamp);
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        var key = ThisKey(record.Key, record.Timestamp);
        _unmatched.Put(key, With(_unmatched.Get(key), record.Value));
    }

    /// <summary>Sends on the records whose wait is over. They go out with the headers of the record that brought the time.</summary>
    private void EmitClosed(in Record<TKey, TThis> record)
    {
        if (_times.FirstUnmatched == long.MaxValue || _times.FirstUnmatched + AfterMs + join.GraceMs >= _times.StreamTime || !MayLook())
            return;

        // A key is removed once the next has gone out: after a failure in between, its results come again rather than never.
        var last = -1;
        var closed = _unmatched!.CollectClosed(_times, join.ClosesAt);
        for (var i = 0; i < closed.Count; i++)
        {
            var (key, values) = closed[i];
            for (var j = 0; j < values.Count; j++)
            {
                EmitAlone(in record, in key, in values, j);
                if (j == 0 && last >= 0)
                    Remove(in record, closed[last].Key);
            }

            last = i;
        }

        if (last >= 0)
            Remove(in record, closed[last].Key);
        closed.Clear();
    }

    private void Remove(in Record<TKey, TThis> record, UnmatchedKey<TKey> key)
    {
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        _unmatched!.Delete(key);
    }

    private bool MayLook()
    {
        if (Context.EmitIntervalMs == 0)
            return true;

        var now = Context.WallClock;
        if (now < _times.NextLook)
            return false;

        _times.NextLook = now + Context.EmitIntervalMs;
        return true;
    }
}

/// <summary>The left side: partners lie from "before" earlier to "after" later.</summary>
internal sealed class LeftJoinNode<TKey, TLeft, TRight, TResult>(
    string name, string otherStore, StreamJoin<TKey, TLeft, TRight, TResult> join, bool outer)
    : StreamJoinNode<TKey, TLeft, TRight, TLeft, TRight, TResult>(name, otherStore, join, outer)
{
    protected override long BeforeMs => Join.BeforeMs;

    protected override long AfterMs => Join.AfterMs;

    protected override TResult JoinWith(TKey key, TLeft value, TRight other) => Join.Joiner(key, value, other);

    protected override UnmatchedKey<TKey> ThisKey(TKey key, long time) => new(time, isLeft: true, key);

    protected override UnmatchedKey<TKey> OtherKey(TKey key, long time) => new(time, isLeft: false, key);

    protected override UnmatchedValues<TLeft, TRight> With(in UnmatchedValues<TLeft, TRight> waiting, TLeft value) => waiting.WithLeft(value);
}

/// <summary>The right side: as the left, with the window turned around.</summary>
internal sealed class RightJoinNode<TKey, TLeft, TRight, TResult>(
    string name, string otherStore, StreamJoin<TKey, TLeft, TRight, TResult> join, bool outer)
    : StreamJoinNode<TKey, TRight, TLeft, TLeft, TRight, TResult>(name, otherStore, join, outer)
{
    protected override long BeforeMs => Join.AfterMs;

    protected override long AfterMs => Join.BeforeMs;

    protected override TResult JoinWith(TKey key, TRight value, TLeft other) => Join.Joiner(key, other, value);

    protected override UnmatchedKey<TKey> ThisKey(TKey key, long time) => new(time, isLeft: false, key);

    protected override UnmatchedKey<TKey> OtherKey(TKey key, long time) => new(time, isLeft: true, key);

    protected override UnmatchedValues<TLeft, TRight> With(in UnmatchedValues<TLeft, TRight> waiting, TRight value) => waiting.WithRight(value);
}
