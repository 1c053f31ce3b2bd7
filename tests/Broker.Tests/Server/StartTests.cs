using Microsoft.Extensions.Logging.Abstractions;
using Settings;
using TestKit;

namespace Broker.Tests.Server;

public sealed class StartTests
{
    [Fact]
    public async Task A_second_broker_on_the_same_folder_is_refused()
    {
        await using var first = await EmbeddedBroker.StartAsync();

        var refused = await Assert.ThrowsAsync<SetupException>(() => StartAsync(new() { DataDirectory = first.DataDirectory, Port = 0 }));

        Assert.Contains(first.DataDirectory, refused.Message, StringComparison.Ordinal);
        Assert.Contains("another broker", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using var first = await EmbeddedBroker.StartAsync();
        using var folder = new TempDirectory();

        var refused = await Assert.ThrowsAsync<SetupException>(() => StartAsync(new() { DataDirectory = folder.Path, Port = first.Port }));

        Assert.Contains($"127.0.0.1:{first.Port}", refused.Message, StringComparison.Ordinal);
        // And the folder is free for another try.
        await using var second = await StartAsync(new() { DataDirectory = folder.Path, Port = 0 });
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(folder.Combine("file"), "");

        var refused = await Assert.ThrowsAsync<SetupException>(() => StartAsync(new() { DataDirectory = folder.Combine("file", "data"), Port = 0 }));

        Assert.Contains(folder.Combine("file", "data"), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_out_of_range_is_named()
    {
        var refused = await Assert.ThrowsAsync<SetupException>(() => StartAsync(new() { DataDirectory = "", SegmentBytes = 3 }));

        Assert.Contains(nameof(BrokerOptions.SegmentBytes), refused.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(BrokerOptions.DataDirectory), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_journal_stops_the_start_and_a_torn_one_does_not()
    {
        await using var broker = await EmbeddedBroker.StartAsync();
        using (var client = await RawClient.ConnectAsync(broker))
        {
            await client.CreateTopicAsync("a");
            await client.CreateTopicAsync("b");
        }

        await broker.StopAsync();
        var journal = Path.Combine(broker.DataDirectory, "metadata.journal");
        var lines = await File.ReadAllLinesAsync(journal);

        await File.AppendAllTextAsync(journal, lines[^1][..20]);
        await broker.StartAgainAsync();
        await broker.StopAsync();
        Assert.Equal(lines, await File.ReadAllLinesAsync(journal));

        lines[1] = lines[1].Replace("\"a\"", "\"c\"", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(journal, lines);
        var refused = await Assert.ThrowsAsync<SetupException>(broker.StartAgainAsync);
        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
    }

    private static Task<BrokerServer> StartAsync(BrokerOptions options) =>
        BrokerServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
}
