using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Grpc.Net.Client.Credentials;

/// <summary>What <see cref="SslCredentials"/> bring along, as the TLS options of a handler that the channel makes itself.</summary>
/// <remarks>grpc-dotnet refuses all of it; gRPC's older C# library took it, and so does this.</remarks>
internal static class ChannelTls
{
    /// <summary>The options; null where the credentials bring nothing, and the machine decides.</summary>
    /// <exception cref="ArgumentException">The PEM cannot be read.</exception>
    public static SslClientAuthenticationOptions? From(string? roots, KeyCertificatePair? pair, VerifyPeerCallback? verify)
    {
        if (string.IsNullOrEmpty(roots) && pair is null && verify is null)
            return null;
        return new()
        {
            CertificateChainPolicy = string.IsNullOrEmpty(roots) ? null : Trust(roots),
            ClientCertificateContext = pair is null ? null : Certificate(pair),
            RemoteCertificateValidationCallback = verify is null ? null : Verification(verify),
        };
    }

    // Names are still checked: only where the chain may end is replaced.
    private static X509ChainPolicy Trust(string roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        Read("root certificates", () => policy.CustomTrustStore.ImportFromPem(roots));
        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new ArgumentException("The root certificates of SslCredentials hold no certificate in PEM form.");
    }

    private static SslStreamCertificateContext Certificate(KeyCertificatePair pair)
    {
        SslStreamCertificateContext? context = null;
        Read("certificate and key", () =>
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pair.CertificateChain);
            context = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pair.CertificateChain, pair.PrivateKey), chain, offline: true);
        });
        return context!;
    }

    // The callback comes on top of the usual checks, and cannot make good what they found.
    private static RemoteCertificateValidationCallback Verification(VerifyPeerCallback verify) => (sender, certificate, _, errors) =>
        errors == SslPolicyErrors.None
        && certificate is X509Certificate2 shown
        && verify(new VerifyPeerContext(((SslStream)sender).TargetHostName, shown.ExportCertificatePem()));

    private static void Read(string what, Action read)
    {
        try
        {
            read();
        }
        catch (CryptographicException refusal)
        {
            throw new ArgumentException($"The {what} of SslCredentials cannot be read as PEM: {refusal.Message}", refusal);
        }
    }
}
