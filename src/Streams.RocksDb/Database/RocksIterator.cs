using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>Walks the rows of one column family within bounds, in byte order or against it, as of when it was made.</summary>
/// <remarks>
/// Rows are copied out under a lock, so closing the database at any moment leaves <see cref="Key"/> and <see cref="Value"/> readable and makes the
/// next move throw. For one user at a time.
/// </remarks>
internal sealed unsafe class RocksIterator : IDisposable
{
    private readonly RocksDatabase _database;
    private readonly IteratorHandle _handle;
    private bool _forward;
    private readonly Lock _lock = new();
    private byte[] _key = new byte[64];
    private byte[] _value = new byte[64];
    private int _keyBytes;
    private int _valueBytes;
    private State _state;

    internal RocksIterator(RocksDatabase database, IteratorHandle handle, bool forward)
    {
        _database = database;
        _handle = handle;
        _forward = forward;
    }

    private enum State { BeforeFirst, OnRow, AfterLast, Closed }

    /// <summary>The row's key, until the next move.</summary>
    public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyBytes);

    /// <summary>The row's value, until the next move.</summary>
    public ReadOnlySpan<byte> Value => _value.AsSpan(0, _valueBytes);

    /// <summary>Goes to the next row, at first to the first; false when there is none.</summary>
    /// <exception cref="StoreClosedException">The database, or this iterator, has been closed.</exception>
    /// <exception cref="StoreCorruptedException">A file is damaged.</exception>
    public bool MoveNext()
    {
        lock (_lock)
        {
            if (_state == State.Closed)
                throw new StoreClosedException(_database.Path);
            if (_state == State.AfterLast)
                return false;

            var iterator = _handle.Raw;
            Step(iterator);
            if (IteratorCalls.IsValid(iterator) == 0)
            {
                // An I/O error looks like the end.
                _state = State.AfterLast;
                byte* error = null;
                IteratorCalls.GetError(iterator, &error);
                _database.ThrowIfSet(error, "reading");
                return false;
            }

            nuint bytes;
            var start = IteratorCalls.Key(iterator, &bytes);
            _keyBytes = Copy(start, bytes, ref _key);
            start = IteratorCalls.Value(iterator, &bytes);
            _valueBytes = Copy(start, bytes, ref _value);
            return true;
        }
    }

    /// <summary>
    /// Begins another walk, as of when the iterator was made, which had both bounds, as this has: cheaper than a new iterator where nothing was written since.
    /// </summary>
    /// <exception cref="StoreClosedException">The database, or this iterator, has been closed.</exception>
    public void Restart(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool forward)
    {
        lock (_lock)
        {
            if (_state == State.Closed)
                throw new StoreClosedException(_database.Path);

            _handle.SetBounds(from, to);
            _forward = forward;
            _state = State.BeforeFirst;
        }
    }

    public void Dispose()
    {
        _database.Forget(this);
        Close();
    }

    /// <summary>Destroys the native iterator; called by the database when it closes.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _state = State.Closed;
            _handle.Dispose();
        }
    }

    private void Step(nint iterator)
    {
        if (_state == State.OnRow)
        {
            if (_forward)
                IteratorCalls.Next(iterator);
            else
                IteratorCalls.Previous(iterator);
            return;
        }

        _state = State.OnRow;
        if (_forward)
            IteratorCalls.SeekToFirst(iterator);
        else
            IteratorCalls.SeekToLast(iterator);
    }

    private static int Copy(byte* source, nuint bytes, ref byte[] target)
    {
        var length = checked((int)bytes);
        if (target.Length < length)
            target = new byte[Math.Max(length, 2 * target.Length)];
        new ReadOnlySpan<byte>(source, length).CopyTo(target);
        return length;
    }
}
