using System.Buffers;
using Kafka.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Broker.Log;

/// <summary>Walks batch by batch over a stretch of a segment's file, through a window that never exceeds the stretch.</summary>
/// <param name="file">The segment.</param>
/// <param name="from">Where a batch starts.</param>
/// <param name="until">The end of the stretch; a batch that reaches over it does not count.</param>
/// <param name="whole">
/// True brings every batch into memory and checks it. False reads headers alone and believes them: for bytes checked before.
/// </param>
internal sealed class BatchWalker(SafeFileHandle file, int from, int until, bool whole) : IDisposable
{
    private const int WindowBytes = 256 << 10;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(Math.Clamp(until - from, RecordBatchHeader.Bytes, WindowBytes));
    private int _windowAt = from;
    private int _windowCount;
    private int _batchBytes;

    /// <summary>Where the current batch starts; after the last one, where the walk ended.</summary>
    public int Position { get; private set; } = from;

    /// <summary>Where the current batch ends.</summary>
    public int NextPosition => Position + _batchBytes;

    /// <summary>Why the walk ended: <see cref="RecordBatchStatus.Valid"/> at the end of the stretch, else what is wrong at <see cref="Position"/>.</summary>
    public RecordBatchStatus Status { get; private set; } = RecordBatchStatus.Valid;

    public RecordBatchHeader Header => new(_window.AsSpan(Position - _windowAt, RecordBatchHeader.Bytes));

    /// <summary>The current batch. Only where the walk reads whole batches.</summary>
    public ReadOnlyMemory<byte> Batch => _window.AsMemory(Position - _windowAt, _batchBytes);

    /// <summary>Goes to the next batch. False at the end, or in front of bytes that are none.</summary>
    public bool MoveNext()
    {
        Position += _batchBytes;
        _batchBytes = 0;
        if (Position >= until)
            return false;

        var front = Window(Math.Min(RecordBatchHeader.Bytes, until - Position));
        Status = RecordBatch.CheckFrame(front, out var header);
        if (Status == RecordBatchStatus.NeedMoreData && front.Length >= RecordBatchHeader.Bytes && Position + header.TotalBytes <= until)
        {
            Status = RecordBatchStatus.Valid;
        }

        if (Status == RecordBatchStatus.Valid && whole)
            Status = RecordBatch.Check(Window((int)header.TotalBytes), out header);
        if (Status != RecordBatchStatus.Valid)
            return false;
        _batchBytes = (int)Header.TotalBytes;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }

    // What the file holds from Position on: at least `count` bytes, fewer only where the file is shorter than its stretch.
    private ReadOnlySpan<byte> Window(int count)
    {
        var skip = Position - _windowAt;
        if (skip >= 0 && skip + count <= _windowCount)
            return _window.AsSpan(skip, _windowCount - skip);

        if (count > _window.Length)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = ArrayPool<byte>.Shared.Rent(count);
        }

        _windowAt = Position;
        _windowCount = 0;
        var wanted = Math.Min(_window.Length, until - Position);
        while (_windowCount < wanted)
        {
            var read = RandomAccess.Read(file, _window.AsSpan(_windowCount, wanted - _windowCount), Position + (long)_windowCount);
            if (read == 0)
                break;
            _windowCount += read;
        }

        return _window.AsSpan(0, _windowCount);
    }
}
