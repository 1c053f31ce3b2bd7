using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Grpc.Tests;

/// <summary>Credentials that bring their own roots, certificate and check, for channels that make their own connections.</summary>
public sealed class SslCredentialsTests : IDisposable
{
    private readonly X509Certificate2 _server = TestCertificate.For("localhost");

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Their_roots_and_their_certificate_are_used()
    {
        await using var host = await TransportTests.StartTlsAsync(_server, ClientCertificateMode.RequireCertificate);
        string? caller = null;
        host.Service.OnSay = (note, context) =>
        {
            caller = Assert.Single(context.AuthContext.PeerIdentity).Value;
            return Task.FromResult(note);
        };
        var (certificate, key) = TestCertificate.PemFor("agent-7");

        await SayAsync(host, new SslCredentials(_server.ExportCertificatePem(), new KeyCertificatePair(certificate, key)));

        Assert.Equal("agent-7", caller);
    }

    [Fact]
    public async Task A_server_that_their_roots_do_not_vouch_for_is_unavailable()
    {
        await using var host = await TransportTests.StartTlsAsync(_server);
        var another = TestCertificate.PemFor("localhost").Certificate;

        var failure = await Assert.ThrowsAsync<RpcException>(() => SayAsync(host, new SslCredentials(another)));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_server_by_another_name_is_unavailable_whoever_vouches_for_it()
    {
        using var stranger = TestCertificate.For("stranger");
        await using var host = await TransportTests.StartTlsAsync(stranger);

        var failure = await Assert.ThrowsAsync<RpcException>(() => SayAsync(host, new SslCredentials(stranger.ExportCertificatePem(), null, _ => true)));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Their_check_has_the_last_word(bool isContent)
    {
        await using var host = await TransportTests.StartTlsAsync(_server);
        VerifyPeerContext? shown = null;
        var credentials = new SslCredentials(_server.ExportCertificatePem(), null, context =>
        {
            shown = context;
            return isContent;
        });

        var failure = await Record.ExceptionAsync(() => SayAsync(host, credentials));

        Assert.Equal(isContent ? null : StatusCode.Unavailable, (failure as RpcException)?.StatusCode);
        Assert.Equal(("localhost", _server.ExportCertificatePem()), (shown!.TargetName, shown.PeerPem));
    }

    [Fact]
    public void What_cannot_be_read_is_told_when_the_channel_is_made()
    {
        var (certificate, _) = TestCertificate.PemFor("agent-7");
        SslCredentials[] unreadable = [new("roots!!!"), new(null, new KeyCertificatePair(certificate, "key!!!"), null)];

        Assert.All(unreadable, credentials => Assert.Contains(
            "PEM", Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress("https://localhost", new() { Credentials = credentials })).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_handler_of_ones_own_they_belong_there()
    {
        using var handler = new SocketsHttpHandler();
        var options = new GrpcChannelOptions { HttpHandler = handler, Credentials = new SslCredentials(_server.ExportCertificatePem()) };

        Assert.Contains("SslOptions", Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress("https://localhost", options)).Message, StringComparison.Ordinal);
    }

    private static async Task SayAsync(EchoHost host, ChannelCredentials credentials)
    {
        using var channel = GrpcChannel.ForAddress(
            host.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), new GrpcChannelOptions { Credentials = credentials });
        await new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience);
    }
}
