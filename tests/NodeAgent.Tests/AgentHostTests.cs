using Microsoft.Extensions.Logging;
using NodeAgent.Tests.Ship;
using Settings;
using TestKit;

namespace NodeAgent.Tests;

public sealed class AgentHostTests
{
    [Theory]
    [InlineData("", "http://localhost:7070", "*.log", "NodeId")]
    [InlineData("n1", "localhost:7070", "*.log", "'localhost:7070' is not a gateway's address")]
    [InlineData("n1", "http://localhost:7070", " ", "A glob is empty")]
    public void A_wrong_setting_is_told_before_anything_starts(string node, string gateway, string glob, string expected)
    {
        var options = new AgentOptions { NodeId = node, Gateways = [gateway], Tail = [glob] };

        var error = Assert.Throws<SetupException>(() => AgentHost.Build(options, _ => { }, TimeProvider.System));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_used_is_told_when_starting()
    {
        using var root = new TempDirectory();
        File.WriteAllText(root.Combine("file"), "");
        using var host = AgentHost.Build(new AgentOptions { DataDirectory = root.Combine("file"), Admin = { Enabled = false } }, _ => { }, TimeProvider.System);

        var error = await Assert.ThrowsAsync<SetupException>(() => host.StartAsync());

        Assert.Contains(root.Combine("file"), error.Message);
    }

    [SkippableFact]
    public async Task Real_logs_arrive_line_for_line()
    {
        var sources = new[] { "Apache_2k.log", "Proxifier_2k.log", "Mac_2k.log", "Zookeeper_2k.log" }.Select(SampleLogs.Path).ToArray();
        await using var gateway = await FakeGateway.StartAsync();
        await using var scene = new AgentScene(gateway.Address);
        scene.Options.Tail = sources;

        await scene.StartAsync();
        await gateway.UntilAsync(got => got.Records.Count >= 8000);
        await scene.StopAsync();

        foreach (var source in sources)
            Assert.Equal(File.ReadLines(source), gateway.Records.Where(record => record.Source == source).Select(record => record.Message));
        Assert.Equal(8000, gateway.Records.Count);
    }
}
