using Microsoft.Extensions.Logging;

namespace Shop;

/// <summary>Takes orders through their steps: placed, packed, shipped; now and then cancelled or stuck.</summary>
internal sealed partial class OrderService : ShopService
{
    private const int OpenMax = 20;

    private readonly Queue<int> _open = new();
    private int _last = 1000;

    protected internal override void Work(Random random, ILogger logger)
    {
        if (_open.Count < OpenMax && random.Next(2) == 0 || _open.Count == 0)
        {
            _open.Enqueue(++_last);
            Placed(logger, _last, random.Next(1, 6), random.Next(5, 250));
            return;
        }

        var order = _open.Dequeue();
        switch (random.Next(100))
        {
            case < 88:
                Shipped(logger, order, random.Next(20, 900));
                break;
            case < 94:
                Cancelled(logger, order);
                break;
            case < 98:
                Slow(logger, order, random.Next(1500, 6000));
                _open.Enqueue(order);
                break;
            default:
                Failed(logger, order, new TimeoutException("The payment service did not answer within 2 s."));
                break;
        }
    }

    [LoggerMessage(20, LogLevel.Information, "Order {Order} placed: {Items} items, {Total} euros.")]
    private static partial void Placed(ILogger logger, int order, int items, int total);

    [LoggerMessage(21, LogLevel.Information, "Order {Order} packed and shipped after {ElapsedMs} ms.")]
    private static partial void Shipped(ILogger logger, int order, int elapsedMs);

    [LoggerMessage(22, LogLevel.Information, "Order {Order} cancelled by the customer.")]
    private static partial void Cancelled(ILogger logger, int order);

    [LoggerMessage(23, LogLevel.Warning, "Order {Order} waits for stock since {ElapsedMs} ms.")]
    private static partial void Slow(ILogger logger, int order, int elapsedMs);

    [LoggerMessage(24, LogLevel.Error, "Order {Order} failed; the customer has been told.")]
    private static partial void Failed(ILogger logger, int order, Exception error);
}
