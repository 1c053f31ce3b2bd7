using Microsoft.Extensions.Logging;

namespace Shop;

/// <summary>Counts goods in and out, reorders what runs low.</summary>
internal sealed partial class InventoryService : ShopService
{
    private const int ShelfMax = 40;
    private const int LowMark = 8;

    private static readonly string[] Goods = ["tea", "coffee", "rice", "olive oil", "soap", "candles", "honey", "salt"];

    private readonly int[] _stock = [.. Enumerable.Repeat(ShelfMax, Goods.Length)];

    protected internal override void Work(Random random, ILogger logger)
    {
        var item = random.Next(Goods.Length);
        var wanted = random.Next(1, 7);
        if (random.Next(200) == 0)
        {
            CountFailed(logger, Goods[item], new InvalidDataException($"The scale reports {-wanted} of {Goods[item]}."));
        }
        else if (_stock[item] < wanted)
        {
            OutOfStock(logger, Goods[item], wanted, _stock[item]);
            _stock[item] = ShelfMax;
            Restocked(logger, Goods[item], ShelfMax);
        }
        else
        {
            _stock[item] -= wanted;
            Reserved(logger, wanted, Goods[item], _stock[item]);
            if (_stock[item] is > 0 and < LowMark && random.Next(3) == 0)
                RunningLow(logger, Goods[item], _stock[item]);
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Reserved {Quantity} of {Item}; {Left} left.")]
    private static partial void Reserved(ILogger logger, int quantity, string item, int left);

    [LoggerMessage(11, LogLevel.Warning, "Stock of {Item} runs low: {Left} left.")]
    private static partial void RunningLow(ILogger logger, string item, int left);

    [LoggerMessage(12, LogLevel.Warning, "Cannot reserve {Quantity} of {Item}: only {Left} left.")]
    private static partial void OutOfStock(ILogger logger, string item, int quantity, int left);

    [LoggerMessage(13, LogLevel.Information, "Restocked {Item} to {Stock}.")]
    private static partial void Restocked(ILogger logger, string item, int stock);

    [LoggerMessage(14, LogLevel.Error, "The count of {Item} failed; it is taken again tonight.")]
    private static partial void CountFailed(ILogger logger, string item, Exception error);
}
