using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Elasticsearch;

/// <summary>Connections with the trust and the credentials that the settings name.</summary>
internal static class Connections
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Addresses behind a name change; a pooled connection would never ask again.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Opens a client. No request is made.</summary>
    /// <exception cref="ElasticsearchException">A certificate or key cannot be read; the message names the file.</exception>
    public static HttpClient Open(ElasticsearchSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
        };
        if (settings.AuthorityFile is { } authorities)
            handler.SslOptions.CertificateChainPolicy = Trust(authorities);
        if (settings.ClientCertificateFile is { } certificate)
            handler.SslOptions.ClientCertificateContext = Certificate(certificate, settings.ClientKeyFile!);

        // Each request has a limit of its own, which covers the answer's body too.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = Authorization(settings);
        return http;
    }

    private static AuthenticationHeaderValue? Authorization(ElasticsearchSettings settings)
    {
        if (settings.ApiKey is { } key)
            return new("ApiKey", key.Contains(':', StringComparison.Ordinal) ? Base64(key) : key);
        return settings.Username is { } user ? new("Basic", Base64($"{user}:{settings.Password}")) : null;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // Names are still checked: only where the chain may end is replaced.
    private static X509ChainPolicy Trust(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        Read(file, () => policy.CustomTrustStore.ImportFromPemFile(file));
        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new ElasticsearchException(ElasticsearchErrorKind.Refused, $"{file} holds no certificate in PEM form.");
    }

    private static SslStreamCertificateContext Certificate(string certificateFile, string keyFile)
    {
        SslStreamCertificateContext? context = null;
        Read($"{certificateFile} with the key {keyFile}", () =>
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            context = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), chain, offline: true);
        });
        return context!;
    }

    private static void Read(string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ElasticsearchException(ElasticsearchErrorKind.Refused, $"{what} cannot be used: {refusal.Message}", inner: refusal);
        }
    }
}
