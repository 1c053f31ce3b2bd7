using Gateway.Forwarding;
using Microsoft.Extensions.Logging;
using Settings;

namespace Gateway.Tests.Forwarding;

/// <summary>How the gateway and Fluentd come to trust each other, or do not.</summary>
public sealed class HandshakeTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task With_the_right_key_events_arrive(bool nonceAsStr, bool withUser)
    {
        await using var fluentd = new FakeFluentd(new()
        {
            SharedKey = "sésame",
            NonceAsStr = nonceAsStr,
            User = withUser ? ("gateway", "s3cret") : null,
        });
        await using var bench = await ForwardingTests.StartAsync(fluentd, f => (f.SharedKey, f.Username, f.Password) = ("sésame", "gateway", "s3cret"));
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 10);
        await fluentd.UntilAsync(f => f.Events.Count == 10, bench.Limit);

        Assert.Empty(fluentd.Refusals);
    }

    [Theory]
    [InlineData("wrong key", "shared_key mismatch")]
    [InlineData("wrong password", "username/password mismatch")]
    [InlineData("no key here", "shared key")]
    [InlineData("no key there", "did not, within")]
    [InlineData("an impostor", "did not show that it has the shared key")]
    [InlineData("a namesake", "another name")]
    public async Task Without_trust_nothing_is_sent_and_a_probe_says_why(string fault, string said)
    {
        await using var fluentd = new FakeFluentd(new()
        {
            SharedKey = fault == "no key there" ? null : "right",
            User = fault == "wrong password" ? ("gateway", "right") : null,
            LiesAboutTheKey = fault == "an impostor",
            Name = fault == "a namesake" ? "me" : "fluentd",
        });
        await using var bench = await ForwardingTests.StartAsync(fluentd, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            f.SharedKey = fault switch { "wrong key" or "an impostor" => "wrong", "no key here" => "", _ => "right" };
            if (fault == "wrong password")
                (f.Username, f.Password) = ("gateway", "wrong");
            f.ClientName = "me";
            f.ConnectTimeout = TimeSpan.FromMilliseconds(300);
        });

        // Between a connection that stands and a server that says what it asks for, there is no trouble yet.
        await fluentd.UntilAsync(f => f.Connections > 2 && bench.Trouble("fluentd")?.Contains(said, StringComparison.Ordinal) is true, bench.Limit);

        Assert.Empty(fluentd.Events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Over_TLS_events_arrive_at_the_server_that_the_authority_vouches_for(bool mutual)
    {
        using var certificates = new TestCertificates();
        var (server, _, _) = certificates.Issue("fluentd.example");
        var (_, certificate, key) = certificates.Issue("gateway.example");
        await using var fluentd = new FakeFluentd(new() { Certificate = server, AsksForClientCertificate = mutual, SharedKey = "right" });
        await using var bench = await ForwardingTests.StartAsync(fluentd, f =>
        {
            f.SharedKey = "right";
            f.Tls = new FluentdTlsOptions { Enabled = true, CaFile = certificates.CaFile, ServerName = "fluentd.example" };
            if (mutual)
                (f.Tls.CertificateFile, f.Tls.KeyFile) = (certificate, key);
        });
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 100);
        await fluentd.UntilAsync(f => f.Events.Count == 100, bench.Limit);
    }

    [Theory]
    [InlineData("another authority")]
    [InlineData("another name")]
    [InlineData("no certificate of ours")]
    [InlineData("no TLS there")]
    [InlineData("no TLS here")]
    public async Task A_server_that_is_not_who_it_should_be_gets_nothing(string fault)
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        var (server, _, _) = certificates.Issue("fluentd.example");
        await using var fluentd = new FakeFluentd(new()
        {
            Certificate = fault == "no TLS there" ? null : server,
            AsksForClientCertificate = fault == "no certificate of ours",
        });
        await using var bench = await ForwardingTests.StartAsync(fluentd, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            f.ConnectTimeout = f.AcknowledgeTimeout = TimeSpan.FromMilliseconds(300);
            f.Tls = fault == "no TLS here" ? new() : new FluentdTlsOptions
            {
                Enabled = true,
                CaFile = fault == "another authority" ? others.CaFile : certificates.CaFile,
                ServerName = fault == "another name" ? "other.example" : "fluentd.example",
            };
        }, o => o.AcknowledgeTimeout = TimeSpan.FromSeconds(1));
        using var agent = await bench.OpenAsync();

        await agent.SendAsync(1, 10);
        var (through, _) = await agent.EndAsync();

        Assert.Equal(0ul, through);
        Assert.Empty(fluentd.Events);
    }

    [Theory]
    [InlineData("a:b:c", "HOST:PORT")]
    [InlineData("fluentd:0", "HOST:PORT")]
    [InlineData("::1", "HOST:PORT")]
    public void A_server_that_is_none_is_named(string server, string said) => Assert.Contains(said, Refusal(f => f.Server = server), StringComparison.Ordinal);

    [Fact]
    public void Settings_that_cannot_be_meant_are_named()
    {
        Assert.Contains("SharedKey", Refusal(f => (f.Server, f.Username) = ("fluentd", "me")), StringComparison.Ordinal);
        Assert.Contains("Tls.Enabled", Refusal(f => (f.Server, f.Tls.CaFile) = ("fluentd", "ca.pem")), StringComparison.Ordinal);
        Assert.Contains("KeyFile", Refusal(f => (f.Server, f.Tls.Enabled, f.Tls.CertificateFile) = ("fluentd", true, "c.pem")), StringComparison.Ordinal);
        Assert.Contains("ChunkBytesMax", Refusal(f => (f.Server, f.ChunkBytesMax, f.BufferBytesMax) = ("fluentd", 1 << 20, 64 << 10)), StringComparison.Ordinal);
        Assert.Contains("nowhere.pem", Refusal(f => (f.Server, f.Tls.Enabled, f.Tls.CaFile) = ("fluentd", true, "/nowhere.pem")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fluentd", "fluentd", 24224)]
    [InlineData("fluentd:5", "fluentd", 5)]
    [InlineData("[::1]:5", "::1", 5)]
    [InlineData("[::1]", "::1", 24224)]
    public void A_server_may_leave_its_port_out(string server, string host, int port)
    {
        Assert.True(new FluentdOptions { Server = server }.TryEndpoint(out var readHost, out var readPort));
        Assert.Equal((host, port), (readHost, readPort));
    }

    [Fact]
    public void Secrets_are_not_printed()
    {
        var shown = EffectiveSettings.ToYaml(new GatewayOptions { Fluentd = { SharedKey = "sésame", Password = "s3cret", Username = "gateway" } });

        Assert.DoesNotContain("sésame", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", shown, StringComparison.Ordinal);
        Assert.Contains("username: gateway", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Pauses_double_up_to_the_longest_and_are_never_quite_alike()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), new Random(7));

        var pauses = Enumerable.Range(1, 100).Select(backoff.Pause).ToList();

        double[] longest = [1, 2, 4, 8, .. Enumerable.Repeat(10.0, 96)];
        Assert.All(pauses.Zip(longest), p => Assert.InRange(p.First.TotalSeconds, p.Second * 0.75, p.Second));
        Assert.Equal(100, pauses.Distinct().Count());
    }

    private static string Refusal(Action<FluentdOptions> set)
    {
        var options = new GatewayOptions();
        set(options.Fluentd);
        return Assert.Throws<SetupException>(() => GatewayHost.Build(options, logging => logging.ClearProviders(), TimeProvider.System)).Message;
    }
}
