using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace NodeAgent.Queue;

/// <summary>What the agent knows beside its segments: how far the gateway has acknowledged, and whether the last stop was clean.</summary>
/// <remarks>
/// Two slots are written in turn, each with its checksum, so that a torn write leaves the one before.
/// The acknowledged position may lag: what is sent twice, the monitor drops.
/// </remarks>
internal sealed class QueueState : IDisposable
{
    private const int SlotBytes = 64;
    private readonly SafeFileHandle _file;
    private ulong _generation;

    private QueueState(SafeFileHandle file) => _file = file;

    public ulong AckedEpoch { get; set; }

    public ulong AckedSequence { get; set; }

    /// <summary>Heartbeats up to this number may have been sent.</summary>
    public ulong HeartbeatsReserved { get; set; }

    /// <summary>Everything was flushed before the agent ended.</summary>
    public bool IsClean { get; set; }

    /// <summary>The system's run that the agent last ran in: a new one may have lost what was not flushed.</summary>
    public ulong Boot { get; set; }

    /// <summary>False for a state that was never written, or was lost.</summary>
    public bool IsKnown => _generation > 0;

    public static QueueState Open(string path)
    {
        var state = new QueueState(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        Span<byte> slot = stackalloc byte[SlotBytes];
        for (var i = 0; i < 2; i++)
        {
            if (RandomAccess.Read(state._file, slot, i * SlotBytes) == SlotBytes)
                state.Take(slot);
        }

        return state;
    }

    /// <summary>Writes the state, and waits for the disk where <paramref name="flush"/> says so.</summary>
    public void Save(bool flush)
    {
        _generation++;
        Span<byte> slot = stackalloc byte[SlotBytes];
        slot.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(slot, _generation);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], AckedEpoch);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], AckedSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], HeartbeatsReserved);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[32..], Boot);
        slot[40] = IsClean ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(slot[(SlotBytes - 4)..], Crc32C.Of(slot[..(SlotBytes - 4)]));
        RandomAccess.Write(_file, slot, (long)(_generation % 2) * SlotBytes);
        if (flush)
            RandomAccess.FlushToDisk(_file);
    }

    public void Dispose() => _file.Dispose();

    private void Take(ReadOnlySpan<byte> slot)
    {
        var generation = BinaryPrimitives.ReadUInt64LittleEndian(slot);
        if (generation <= _generation
            || BinaryPrimitives.ReadUInt32LittleEndian(slot[(SlotBytes - 4)..]) != Crc32C.Of(slot[..(SlotBytes - 4)]))
        {
            return;
        }

        _generation = generation;
        AckedEpoch = BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]);
        AckedSequence = BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]);
        HeartbeatsReserved = BinaryPrimitives.ReadUInt64LittleEndian(slot[24..]);
        Boot = BinaryPrimitives.ReadUInt64LittleEndian(slot[32..]);
        IsClean = slot[40] != 0;
    }
}
