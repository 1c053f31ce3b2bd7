using Streams.RocksDb.Database;
using Streams.Runtime;

namespace Streams.RocksDb.Rows;

/// <summary>One store's rows as they were, for one reader: a snapshot of RocksDB, and what waited for it.</summary>
internal sealed class SnapshotRows : StoreRows
{
    // Entries of the buffer that are looked at while the writer waits.
    private const int LookAtOnce = 500;

    private const int EntriesAtFirst = 16;

    private readonly StateGate _gate;
    private readonly BufferSnapshot _waiting;
    private readonly RocksSnapshot? _written;
    private byte[] _value = [];

    /// <param name="database">The database.</param>
    /// <param name="family">The store's rows in it.</param>
    /// <param name="waiting">What it does not have yet.</param>
    /// <param name="written">What it has; null where it has nothing of the store.</param>
    /// <param name="gate">Taken to read what waits.</param>
    public SnapshotRows(RocksDatabase database, ColumnFamily family, BufferSnapshot waiting, RocksSnapshot? written, StateGate gate)
        : base(database, family, isOnDisk: written is not null, new(1)) => (_waiting, _written, _gate) = (waiting, written, gate);

    public override long Count => Within(default, default).Count;

    protected override RocksSnapshot? AsOf => _written;

    public override bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        using (_gate.EnterToRead())
        {
            var state = _waiting.Find(key, out value);
            if (state != RowBuffer.RowState.Unknown)
            {
                // The writer may write over the bytes as soon as it goes on.
                _value = value.ToArray();
                value = _value;
                return state == RowBuffer.RowState.Present;
            }
        }

        return TryGetWritten(key, out value);
    }

    public override RowCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool forward = true) => Within(from, to).Scan(from, to, forward);

    public override StoreRows Within(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var rows = new RowBuffer(EntriesAtFirst);
        byte[]? next = null;
        var begun = false;
        while (!begun || next is not null)
        {
            using var _ = _gate.EnterToRead();
            next = _waiting.Copy(begun ? next : from, to, rows, LookAtOnce);
            begun = true;
        }

        return new CopiedRows(this, rows);
    }

    public override void Close()
    {
        base.Close();
        using (_gate.EnterToRead())
            _waiting.Close();
        _written?.Dispose();
    }

    /// <summary>The rows within bounds, with all that waited copied: read without the gate.</summary>
    private sealed class CopiedRows(SnapshotRows rows, RowBuffer waiting) : StoreRows(rows.Database, rows.Family, rows.IsAnyOnDisk, waiting)
    {
        protected override RocksSnapshot? AsOf => rows.AsOf;
    }
}
