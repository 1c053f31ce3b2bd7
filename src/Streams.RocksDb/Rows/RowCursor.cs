using Streams.RocksDb.Database;

namespace Streams.RocksDb.Rows;

/// <summary>Walks a store's rows as the task sees them: what waits in the buffer over what RocksDB has, in byte order or against it.</summary>
/// <remarks>For one walk during which the store is not written to. Bounds must stay as they are until it ends.</remarks>
internal ref struct RowCursor
{
    private readonly RowBuffer _buffer;
    private readonly RocksIterator? _rows;
    private readonly StoreRows? _owner;
    private readonly ReadOnlySpan<byte> _from;
    private readonly ReadOnlySpan<byte> _to;
    private readonly bool _forward;
    private int _buffered;
    private bool _hasRow;
    private bool _onBuffered;
    private bool _onRow;

    /// <param name="buffer">What RocksDB does not have yet.</param>
    /// <param name="rows">What it has, within the same bounds; null where it has nothing.</param>
    /// <param name="from">The first key; empty for an open end.</param>
    /// <param name="to">The key before which the walk ends; empty for an open end.</param>
    /// <param name="forward">In byte order, or against it.</param>
    /// <param name="owner">Who takes the iterator back when the walk ends; null to destroy it then.</param>
    public RowCursor(RowBuffer buffer, RocksIterator? rows, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool forward, StoreRows? owner = null)
    {
        _owner = owner;
        _buffer = buffer;
        _rows = rows;
        _from = from;
        _to = to;
        _forward = forward;
        _buffered = Within(forward ? buffer.FirstFrom(from) : to.IsEmpty ? buffer.Last : buffer.LastBefore(to));
        _hasRow = rows?.MoveNext() ?? false;
    }

    public readonly ReadOnlySpan<byte> Key => _onBuffered ? _buffer.Key(_buffered) : _rows!.Key;

    public readonly ReadOnlySpan<byte> Value => _onBuffered ? _buffer.Value(_buffered) : _rows!.Value;

    public bool MoveNext()
    {
        while (true)
        {
            if (_onBuffered)
                _buffered = Within(_forward ? _buffer.Next(_buffered) : _buffer.LastBefore(_buffer.Key(_buffered)));
            if (_onRow)
                _hasRow = _rows!.MoveNext();
            (_onBuffered, _onRow) = (false, false);
            if (_buffered < 0 && !_hasRow)
                return false;

            var order = _buffered < 0 ? 1 : !_hasRow ? -1 : Compare();
            _onBuffered = order <= 0;
            _onRow = order >= 0;
            if (!_onBuffered)
                return true;

            switch (_buffer.State(_buffered))
            {
                case RowBuffer.RowState.Present:
                    return true;
                case RowBuffer.RowState.Unknown when _onRow:
                    // An abort took the newer value back: the row itself is good, and both move on together.
                    return ShowRow();
            }
        }
    }

    public readonly void Dispose()
    {
        if (_owner is null)
            _rows?.Dispose();
        else
            _owner.WalkEnded();
    }

    private bool ShowRow()
    {
        _buffered = Within(_forward ? _buffer.Next(_buffered) : _buffer.LastBefore(_buffer.Key(_buffered)));
        _onBuffered = false;
        return true;
    }

    private readonly int Compare()
    {
        var order = _buffer.Key(_buffered).SequenceCompareTo(_rows!.Key);
        return _forward ? order : -order;
    }

    private readonly int Within(int index)
    {
        if (index < 0)
            return index;

        var key = _buffer.Key(index);
        var inside = _forward ? _to.IsEmpty || key.SequenceCompareTo(_to) < 0 : key.SequenceCompareTo(_from) >= 0;
        return inside ? index : -1;
    }
}
