using Microsoft.Extensions.Logging;

namespace Shop;

/// <summary>Charges cards; some are declined, and now and then the bank is slow or away.</summary>
internal sealed partial class PaymentService : ShopService
{
    private int _last = 5000;

    protected internal override void Work(Random random, ILogger logger)
    {
        var payment = ++_last;
        var amount = random.Next(500, 25_000) / 100m;
        switch (random.Next(100))
        {
            case < 90:
                Charged(logger, payment, amount, random.Next(40, 400));
                break;
            case < 95:
                Declined(logger, payment, amount);
                break;
            case < 98:
                BankSlow(logger, payment, random.Next(1000, 4000));
                break;
            default:
                BankAway(logger, payment, new HttpRequestException("The bank closed the connection."));
                break;
        }
    }

    [LoggerMessage(30, LogLevel.Information, "Payment {Payment} of {Amount} euros charged in {ElapsedMs} ms.")]
    private static partial void Charged(ILogger logger, int payment, decimal amount, int elapsedMs);

    [LoggerMessage(31, LogLevel.Information, "Payment {Payment} of {Amount} euros declined by the bank.")]
    private static partial void Declined(ILogger logger, int payment, decimal amount);

    [LoggerMessage(32, LogLevel.Warning, "Payment {Payment} took {ElapsedMs} ms; the bank is slow.")]
    private static partial void BankSlow(ILogger logger, int payment, int elapsedMs);

    [LoggerMessage(33, LogLevel.Error, "Payment {Payment} failed and is tried again later.")]
    private static partial void BankAway(ILogger logger, int payment, Exception error);
}
