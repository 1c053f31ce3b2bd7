using NodeAgent.Queue;

namespace NodeAgent.Heartbeats;

/// <summary>Numbers heartbeats so that each is higher than all before in the queue's epoch, over restarts too.</summary>
/// <remarks>They are reserved on disk a block at a time: a crash skips the rest of a block and gives none twice.</remarks>
internal sealed class HeartbeatNumbers(DiskQueue queue)
{
    private const int Block = 16;
    private ulong _last;
    private int _left;

    public ulong Next()
    {
        if (_left == 0)
            (_last, _left) = (queue.ReserveHeartbeats(Block), Block);
        _left--;
        return ++_last;
    }
}
