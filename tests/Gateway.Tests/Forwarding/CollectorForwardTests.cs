using System.Text.RegularExpressions;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>The Collector's forward receiver as the other end.</summary>
public sealed partial class CollectorForwardTests
{
    [SkippableFact]
    public async Task The_Collector_acknowledges_every_chunk_and_has_every_line_in_its_file()
    {
        Skip.IfNot(RealCollector.Missing is null, RealCollector.Missing);
        const int records = 5_000;
        using var folder = new TempDirectory();
        var (port, file) = (UnusedPort.Take(), folder.Combine("out.json"));
        using var collector = RealCollector.Start("forward-file.yaml", ("FORWARD_PORT", $"{port}"), ("OUT", file));
        await using var bench = await ForwardingTests.StartAsync(port, f =>
        {
            f.Delivery = Gateway.Forwarding.ForwardDelivery.Required;
            f.ChunkBytesMax = 32 << 10;
        }, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(2));
        using var meter = new SinkMeter(bench);
        using var agent = await bench.OpenAsync("web-1", epoch: 3);

        for (var batch = 0; batch < 10; batch++)
            await agent.SendAsync((ulong)(batch * records / 10 + 1), records / 10);
        for (var batch = 1; batch <= 10; batch++)
            Assert.Equal((ulong)(batch * records / 10), (await agent.AckAsync()).ThroughSequence);

        Assert.Equal((records, 0L, 0L), ((int)meter["acknowledged"], meter["dropped"], meter["resent"]));

        // The Collector acknowledges what waits in its memory, and forgets that when it is stopped: it runs until all is written.
        List<int> written = [];
        await bench.UntilAsync(async () => (written = await WrittenAsync(file, bench.Limit)).Count >= records);
        Assert.Equal(Enumerable.Range(1, records), written.Order());
    }

    private static async Task<List<int>> WrittenAsync(string file, CancellationToken limit) =>
        File.Exists(file) ? [.. EventId().Matches(await File.ReadAllTextAsync(file, limit)).Select(id => int.Parse(id.Groups[1].ValueSpan))] : [];

    [GeneratedRegex("\"web-1:3:([0-9]+)\"")]
    private static partial Regex EventId();
}
