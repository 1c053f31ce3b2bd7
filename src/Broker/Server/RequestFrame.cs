using System.Buffers;

namespace Broker.Server;

/// <summary>One request's bytes without the size in front, in a buffer of their own that goes back to the pool and the budget.</summary>
internal sealed class RequestFrame : IDisposable
{
    private readonly ByteBudget _budget;
    private readonly int _count;
    private byte[]? _rented;

    private RequestFrame(ByteBudget budget, int count)
    {
        _budget = budget;
        _count = count;
        _rented = ArrayPool<byte>.Shared.Rent(count);
    }

    public Memory<byte> Bytes => _rented.AsMemory(0, _count);

    public static async ValueTask<RequestFrame> RentAsync(ByteBudget budget, int count)
    {
        await budget.TakeAsync(count).ConfigureAwait(false);
        return new(budget, count);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
            _budget.GiveBack(_count);
        }
    }
}
