using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using TestKit;

namespace Elasticsearch.Tests;

public sealed class ElasticsearchClientTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_says_what_it_is()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        server.Version = "9.1.0-SNAPSHOT";

        using var client = Client(server);

        Assert.Equal(new ServerInfo(new(9, 1, 0), null, "fake"), await client.GetInfoAsync(default));
    }

    [Fact]
    public async Task A_server_without_lifecycles_is_told_apart_from_one_that_refuses_the_policy()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        using var client = Client(server);

        Assert.True(await client.PutLifecyclePolicyAsync("p", new JsonObject(), default));
        server.HasLifecycles = false;
        Assert.False(await client.PutLifecyclePolicyAsync("p", new JsonObject(), default));
        server.Authorization = "Basic other";
        var refusal = await Assert.ThrowsAsync<ElasticsearchException>(() => client.PutLifecyclePolicyAsync("p", new JsonObject(), default));
        Assert.Equal((ElasticsearchErrorKind.Refused, 401), (refusal.Kind, refusal.Status));
    }

    [Theory]
    [InlineData("id:key", "ApiKey aWQ6a2V5")]
    [InlineData("aWQ6a2V5", "ApiKey aWQ6a2V5")]
    public async Task An_API_key_goes_out_as_the_server_takes_it(string given, string header)
    {
        await using var server = await FakeElasticsearch.StartAsync();
        server.Authorization = header;

        using var client = new ElasticsearchClient(new() { Urls = [server.Url], ApiKey = given }, TimeProvider.System);

        await client.GetInfoAsync(default);
    }

    [Fact]
    public async Task A_wrong_password_is_an_error_that_does_not_show_it()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        server.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("monitor:right"));
        using var right = new ElasticsearchClient(new() { Urls = [server.Url], Username = "monitor", Password = "right" }, TimeProvider.System);
        using var wrong = new ElasticsearchClient(new() { Urls = [server.Url], Username = "monitor", Password = "hunter2" }, TimeProvider.System);

        await right.GetInfoAsync(default);
        var error = await Assert.ThrowsAsync<ElasticsearchException>(() => wrong.GetInfoAsync(default));

        Assert.Contains("401", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("monitor:hunter2")), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_is_trusted_by_the_authority_named_and_a_client_shows_its_own()
    {
        using var authority = Authority("test authority");
        using var server = Issue(authority, "127.0.0.1");
        using var client = Issue(authority, "monitor");
        await File.WriteAllTextAsync(_folder.Combine("ca.pem"), authority.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder.Combine("client.pem"), client.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder.Combine("client.key"), client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using var fake = await FakeElasticsearch.StartAsync(X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pfx), null));

        using var trusting = new ElasticsearchClient(
            new()
            {
                Urls = [fake.Url],
                AuthorityFile = _folder.Combine("ca.pem"),
                ClientCertificateFile = _folder.Combine("client.pem"),
                ClientKeyFile = _folder.Combine("client.key"),
            },
            TimeProvider.System);
        using var doubting = Client(fake);

        await trusting.GetInfoAsync(default);
        Assert.Equal("CN=monitor", fake.ClientCertificate);
        var refusal = await Assert.ThrowsAsync<ElasticsearchException>(() => doubting.GetInfoAsync(default));
        Assert.Equal(ElasticsearchErrorKind.Unavailable, refusal.Kind);
    }

    [Fact]
    public void A_certificate_that_cannot_be_read_is_named()
    {
        var missing = _folder.Combine("none.pem");

        var refusal = Assert.Throws<ElasticsearchException>(
            () => new ElasticsearchClient(new() { Urls = ["https://es:9200"], AuthorityFile = missing }, TimeProvider.System));

        Assert.Contains(missing, refusal.Message, StringComparison.Ordinal);
    }

    private static ElasticsearchClient Client(FakeElasticsearch server) => new(new() { Urls = [server.Url] }, TimeProvider.System);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
