using System.Net.Security;
using Grpc.Core;

namespace Grpc.Net.Client.Credentials;

/// <summary>What an address and channel credentials together say about a channel.</summary>
/// <param name="IsTls">Whether there is TLS.</param>
/// <param name="CallCredentials">What every call brings along; null for nothing.</param>
/// <param name="Tls">How TLS is to be, where that is not for the machine and the handler to decide.</param>
internal sealed record ChannelSecurity(bool IsTls, CallCredentials? CallCredentials, SslClientAuthenticationOptions? Tls = null)
{
    /// <exception cref="ArgumentException">The address is none, or the credentials' certificates cannot be read.</exception>
    /// <exception cref="InvalidOperationException">They contradict each other.</exception>
    public static ChannelSecurity Of(Uri address, ChannelCredentials? credentials)
    {
        bool? isTls = address.IsAbsoluteUri ? address.Scheme switch
        {
            "http" => false,
            "https" => true,
            _ => null,
        } : throw NoAddress(address);
        if (credentials is null)
            return new(isTls ?? throw NoAddress(address), null);

        var asked = new Asked();
        credentials.InternalPopulateConfiguration(asked, asked);
        if (isTls is not null && asked.IsTls != isTls)
        {
            throw new InvalidOperationException(
                $"The channel's address {address} and its credentials disagree: use https with TLS credentials and http with ChannelCredentials.Insecure.");
        }

        return new(asked.IsTls, asked.CallCredentials, asked.Tls);
    }

    private static ArgumentException NoAddress(Uri address) =>
        new($"'{address}' is no address of a gRPC server: it must start with http:// (plain text) or https:// (TLS); another scheme, such as dns:, needs Credentials in the channel's options.");

    private sealed class Asked : ChannelCredentialsConfiguratorBase
    {
        public bool IsTls { get; private set; }

        public CallCredentials? CallCredentials { get; private set; }

        public SslClientAuthenticationOptions? Tls { get; private set; }

        public override void SetInsecureCredentials(object state) => IsTls = false;

        public override void SetSslCredentials(
            object state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback)
        {
            IsTls = true;
            Tls = ChannelTls.From(rootCertificates, keyCertificatePair, verifyPeerCallback);
        }

        public override void SetCompositeCredentials(object state, ChannelCredentials channelCredentials, CallCredentials callCredentials)
        {
            channelCredentials.InternalPopulateConfiguration(this, state);
            CallCredentials = CallCredentials is null ? callCredentials : CallCredentials.Compose(CallCredentials, callCredentials);
        }
    }
}
