using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fluentd;
using Settings;

namespace Gateway.Forwarding;

/// <summary>The settings' server, with the certificates that its settings name read from their files.</summary>
internal static class ForwardTarget
{
    /// <exception cref="SetupException">A file cannot be read or holds no certificate.</exception>
    public static ForwardServer Of(FluentdOptions options)
    {
        options.TryEndpoint(out var host, out var port);
        return new ForwardServer
        {
            Host = host,
            Port = port,
            SharedKey = options.SharedKey.Length > 0 ? options.SharedKey : null,
            ClientName = options.ClientName,
            Username = options.Username,
            Password = options.Password,
            Tls = options.Tls.Enabled ? Tls(options.Tls) : null,
            StepTimeout = options.ConnectTimeout,
        };
    }

    private static ForwardTls Tls(FluentdTlsOptions options)
    {
        try
        {
            X509Certificate2Collection? authorities = null;
            if (options.CaFile.Length > 0)
                (authorities = []).ImportFromPemFile(options.CaFile);
            return new ForwardTls
            {
                ServerName = options.ServerName.Length > 0 ? options.ServerName : null,
                Authorities = authorities,
                ClientCertificate = options.CertificateFile.Length > 0
                    ? X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile)
                    : null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"The certificates of Fluentd.Tls cannot be read: {e.Message} CaFile, CertificateFile and KeyFile are PEM files.", e);
        }
    }
}
