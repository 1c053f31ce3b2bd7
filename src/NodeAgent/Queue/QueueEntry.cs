using System.Diagnostics;

namespace NodeAgent.Queue;

/// <summary>Records and the file positions behind them, written to the queue together. Holds the queue's writer until disposed.</summary>
internal sealed class QueueEntry(DiskQueue queue) : IDisposable
{
    private readonly ByteBuffer _buffer = new(64 << 10);
    private readonly ByteBuffer _marks = new();
    private readonly List<FileMark> _moved = [];
    private readonly List<uint> _forgotten = [];

    /// <summary>Bytes so far.</summary>
    public int Length => _buffer.Length + _marks.Length;

    public int Count { get; private set; }

    /// <summary>Adds a record: an encoded <c>LogRecord</c> without its position, which follows here.</summary>
    public void Add(ReadOnlySpan<byte> record)
    {
        var sequence = queue.NextSequence + (ulong)Count;
        var place = 2 + ByteBuffer.VarintSize(queue.Epoch) + ByteBuffer.VarintSize(sequence);

        _buffer.Byte(EntryFrame.RecordTag);
        _buffer.Varint((ulong)(record.Length + 2 + place));
        _buffer.Bytes(record);
        _buffer.Byte(0x5A); // LogRecord.position, a message
        _buffer.Byte((byte)place);
        _buffer.Byte(0x08); // Position.epoch
        _buffer.Varint(queue.Epoch);
        _buffer.Byte(0x10); // Position.sequence
        _buffer.Varint(sequence);
        Count++;
    }

    /// <summary>Moves a file's position to behind the records added.</summary>
    public void Move(FileMark mark)
    {
        _marks.Byte(EntryFrame.Mark);
        mark.WriteTo(_marks);
        _moved.Add(mark);
    }

    /// <summary>Drops what is known of a file that is gone.</summary>
    public void Forget(uint file)
    {
        _marks.Byte(EntryFrame.Forget);
        _marks.Varint(file);
        _forgotten.Add(file);
    }

    /// <summary>Writes all of it, or none.</summary>
    /// <exception cref="QueueWriteException">The disk did not take it; the queue is as before.</exception>
    public void Commit()
    {
        var records = _buffer.Length - EntryFrame.PrefixBytes - EntryFrame.HeaderBytes;
        _buffer.Bytes(_marks.Span);
        EntryFrame.Seal(_buffer, queue.NextSequence, Count, records);
        queue.Write(_buffer.Span, Count, _moved, _forgotten);
        Open();
    }

    public void Dispose() => queue.End();

    internal void Open()
    {
        Debug.Assert(queue.IsWriterHeld);
        EntryFrame.Open(_buffer);
        _marks.Clear();
        _moved.Clear();
        _forgotten.Clear();
        Count = 0;
    }
}
