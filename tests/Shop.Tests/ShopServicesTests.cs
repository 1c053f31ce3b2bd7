using Microsoft.Extensions.Hosting;
using NodeAgent;
using Settings;
using Streams.Contracts.V1;
using TestKit;

namespace Shop.Tests;

public sealed class ShopServicesTests
{
    [Fact]
    public void The_shop_has_three_services() =>
        Assert.Equal(["inventory", "order", "payment"], ShopServices.Names);

    [Fact]
    public void An_unknown_service_is_told_the_known_ones()
    {
        var error = Assert.Throws<SetupException>(() => ShopServices.Build("refunds", new AgentOptions(), _ => { }, TimeProvider.System));

        Assert.Contains("'refunds'", error.Message);
        Assert.Contains("inventory, order, payment", error.Message);
    }

    [Theory]
    [InlineData("inventory")]
    [InlineData("order")]
    [InlineData("payment")]
    public async Task A_service_logs_and_lives_through_its_agent_and_says_goodbye(string name)
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var folder = new TempDirectory();
        var agent = new AgentOptions
        {
            NodeId = "n1",
            Gateways = [gateway.Address],
            DataDirectory = folder.Path,
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        };
        using var service = ShopServices.Build(name, agent, _ => { }, TimeProvider.System, new ShopServiceOptions { Pace = 1000, Seed = 1 });

        await service.StartAsync();
        await gateway.UntilAsync(got => got.Records.Any(record => record.Severity is Severity.Warn)
            && got.Records.Any(record => record.Severity is Severity.Error)
            && got.Heartbeats.Count >= 3);
        await service.StopAsync();

        Assert.All(gateway.Records, record => Assert.Equal(("n1", name), (record.NodeId, record.Service)));
        Assert.True(gateway.Records.Count(record => record.Severity is Severity.Info) > gateway.Records.Count / 2);
        Assert.Contains(gateway.Records, record => record.Attributes.ContainsKey("exception.type"));
        Assert.Equal($"The {name} service closes.", gateway.Records[^1].Message);
        Assert.Equal(NodeState.Left, gateway.Heartbeats[^1].Reported);
        Assert.All(gateway.Heartbeats, heartbeat => Assert.Equal([name], heartbeat.Services));
    }
}
