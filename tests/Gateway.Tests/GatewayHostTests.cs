using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Settings;

namespace Gateway.Tests;

/// <summary>What a gateway says when it cannot start.</summary>
public sealed class GatewayHostTests
{
    [Fact]
    public async Task A_taken_port_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var app = GatewayHost.Build(new GatewayOptions { Port = port, Admin = { Enabled = false } }, logging => logging.ClearProviders(), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<SetupException>(() => app.StartAsync());

        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Port", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_is_named()
    {
        var options = new GatewayOptions { Host = "192.0.2.1", Port = 0, AllowAnonymous = true, Admin = { Enabled = false } };
        await using var app = GatewayHost.Build(options, logging => logging.ClearProviders(), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<SetupException>(() => app.StartAsync());

        Assert.Contains("192.0.2.1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0", "AllowAnonymous")]
    [InlineData("gateway.example", "IP address")]
    public void Listening_wider_must_be_asked_for(string host, string said)
    {
        var refused = Assert.Throws<SetupException>(
            () => GatewayHost.Build(new GatewayOptions { Host = host }, _ => { }, TimeProvider.System));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_out_of_range_is_named() =>
        Assert.Contains("BatchRecordsMax", Assert.Throws<SetupException>(() => GatewayHost.Build(
            new GatewayOptions { Limits = new IngestLimits { BatchRecordsMax = 0 } }, _ => { }, TimeProvider.System)).Message, StringComparison.Ordinal);
}
