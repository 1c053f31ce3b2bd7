namespace Streams.RocksDb.Rows;

/// <summary>
/// A buffer's rows as they were: those that have changed since are kept here, before they change; the others are read from the buffer. All members are
/// called while the writer waits.
/// </summary>
/// <remarks>Keeps at most a copy of the rows that the buffer had; for as long as it is open, each of them that changes costs the writer one copy.</remarks>
internal sealed class BufferSnapshot(RowBuffer buffer)
{
    private readonly Dictionary<int, (RowBuffer.RowState State, byte[] Value)> _before = [];

    // Entries only come: what lies from here on has come since.
    private readonly int _count = buffer.Count;

    /// <summary>An entry is about to change.</summary>
    public void Keep(int index, RowBuffer.RowState state, ReadOnlySpan<byte> value)
    {
        if (index < _count && !_before.ContainsKey(index))
            _before.Add(index, (state, value.ToArray()));
    }

    public RowBuffer.RowState Find(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var index = buffer.IndexOf(key);
        if (index >= 0 && index < _count)
            return Row(index, out value);

        value = default;
        return RowBuffer.RowState.Unknown;
    }

    /// <summary>Copies rows from <paramref name="from"/> on and below <paramref name="to"/>, looking at <paramref name="lookAtMax"/> entries at most.</summary>
    /// <returns>Where to go on; null where all have been copied.</returns>
    public byte[]? Copy(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, RowBuffer into, int lookAtMax)
    {
        for (var at = buffer.FirstFrom(from); at >= 0; at = buffer.Next(at))
        {
            var key = buffer.Key(at);
            if (!to.IsEmpty && key.SequenceCompareTo(to) >= 0)
                return null;
            if (lookAtMax-- == 0)
                return key.ToArray();
            if (at >= _count)
                continue;

            switch (Row(at, out var value))
            {
                case RowBuffer.RowState.Present:
                    value.CopyTo(into.Put(key, value.Length));
                    break;
                case RowBuffer.RowState.Deleted:
                    into.Delete(key);
                    break;
            }
        }

        return null;
    }

    public void Close() => buffer.Forget(this);

    private RowBuffer.RowState Row(int index, out ReadOnlySpan<byte> value)
    {
        if (_before.TryGetValue(index, out var before))
        {
            value = before.Value;
            return before.State;
        }

        value = buffer.Value(index);
        return buffer.State(index);
    }
}
