using System.Globalization;
using Streams.Contracts.V1;

namespace LoadScenarios.Shipping;

/// <summary>Messages as services write them: a few sentences with changing numbers, made once from the seed and drawn from.</summary>
internal sealed class LogTexts
{
    /// <summary>Different messages; enough that an index of their text has something to do.</summary>
    private const int Count = 8_192;

    private static readonly string[] _ordinary =
    [
        "GET /api/v1/orders/{0} from 10.{1}.{2}.17 took {3} ms, status 200, {4} bytes",
        "order {0} paid with card ending {1}{2}, amount {3}.{4} EUR, gateway answered in {1} ms",
        "reserved {1} of item SKU-{0} in warehouse eu-{2}, {3} left on shelf {4}",
        "user {0} signed in from 172.16.{1}.{2} with agent Mozilla/5.0, session {3}-{4}",
        "cache refreshed: {0} entries, {1} evicted, hit ratio 0.{3}, took {4} ms",
        "connection {0} to db-{2} reused, pool {1}/64, query returned {3} rows in {4} ms",
    ];

    private static readonly string[] _alerting =
    [
        "payment of order {0} declined by issuer, code {1}, retry {2} in {3} ms",
        "timeout after {4} ms waiting for inventory-{2}, request {0} given up",
        "disk /var/lib/data at {1} percent, {0} kB left on node {2}",
    ];

    private readonly (string Text, Severity Severity)[] _texts;

    public LogTexts(Random random, int alertPercent)
    {
        _texts = new (string, Severity)[Count];
        for (var i = 0; i < Count; i++)
        {
            var alerts = random.Next(100) < alertPercent;
            var templates = alerts ? _alerting : _ordinary;
            _texts[i] = (
                string.Format(
                    CultureInfo.InvariantCulture,
                    templates[random.Next(templates.Length)],
                    random.Next(1_000_000),
                    random.Next(10, 100),
                    random.Next(1, 10),
                    random.Next(100, 1_000),
                    random.Next(10, 10_000)),
                alerts ? random.Next(2) == 0 ? Severity.Warn : Severity.Error : random.Next(10) == 0 ? Severity.Debug : Severity.Info);
        }
    }

    /// <summary>Puts a message and its severity into a record.</summary>
    public void Fill(LogRecord record, Random random) => (record.Message, record.Severity) = _texts[random.Next(Count)];
}
