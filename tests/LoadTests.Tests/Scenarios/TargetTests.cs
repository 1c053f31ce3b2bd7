using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LoadScenarios;
using LoadScenarios.Targets;
using Streams.Contracts.V1;
using TestKit;

namespace LoadTests.Tests.Scenarios;

public sealed class TargetTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly X509Certificate2 _authority = Certificate("CN=authority", issuer: null);

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_call_over_tls_trusts_the_given_authority_and_shows_certificate_and_token()
    {
        using var server = Certificate("CN=localhost", _authority);
        using var client = Certificate("CN=load-client", _authority);
        await using var monitor = await FakeMonitor.StartAsync(server);
        var options = new LoadOptions
        {
            Monitor = monitor.Address,
            Token = "let-me-in",
            Tls =
            {
                CaFile = await WriteAsync("ca.pem", _authority.ExportCertificatePem()),
                CertificateFile = await WriteAsync("client.pem", client.ExportCertificatePem()),
                KeyFile = await WriteAsync("client.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            },
        };

        await SearchAsync(Target.Monitor(options));

        Assert.Equal(("Bearer let-me-in", "CN=load-client"), monitor.Callers.Single());
    }

    [Fact]
    public async Task A_server_whose_authority_is_not_trusted_is_not_called()
    {
        using var server = Certificate("CN=localhost", _authority);
        using var stranger = Certificate("CN=stranger", issuer: null);
        await using var monitor = await FakeMonitor.StartAsync(server);
        var options = new LoadOptions
        {
            Monitor = monitor.Address,
            Token = "let-me-in",
            Tls = { CaFile = await WriteAsync("ca.pem", stranger.ExportCertificatePem()) },
        };

        var fault = await Assert.ThrowsAsync<TargetException>(() => SearchAsync(Target.Monitor(options)));

        Assert.StartsWith($"no monitor answers at {monitor.Address}/ (", fault.Message, StringComparison.Ordinal);
        Assert.Empty(monitor.Callers);
        Assert.DoesNotContain("let-me-in", fault.ToString(), StringComparison.Ordinal);
    }

    private static async Task SearchAsync(Target monitor)
    {
        using var channel = monitor.Open();
        var logs = new LogQueries.LogQueriesClient(channel);
        await monitor.AskAsync(
            async () =>
            {
                using var call = logs.SearchLogs(new SearchLogsRequest { Limit = 1 }, monitor.Call(CancellationToken.None));
                return await call.ResponseStream.MoveNext(CancellationToken.None);
            },
            TimeProvider.System,
            CancellationToken.None);
    }

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: issuer is null, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (issuer is null)
            return request.CreateSelfSigned(from, to);

        using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        // Through PKCS #12: the platform's TLS takes no key that lives in memory alone.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var file = _folder.Combine(name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }
}
