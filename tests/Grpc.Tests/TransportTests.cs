using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>The ways that calls travel: TLS, TLS on both sides, a Unix socket, and no network at all.</summary>
public sealed class TransportTests
{
    [Fact]
    public async Task Over_TLS_calls_and_their_credentials_get_through()
    {
        using var certificate = TestCertificate.For("localhost");
        await using var host = await StartTlsAsync(certificate);
        string? token = null;
        host.Service.OnSay = (note, context) =>
        {
            token = context.RequestHeaders.GetValue("authorization");
            return Task.FromResult(note);
        };
        var credentials = CallCredentials.FromInterceptor((context, metadata) =>
        {
            metadata.Add("authorization", $"Bearer {context.MethodName}");
            return Task.CompletedTask;
        });
        using var handler = Trusting(certificate);
        using var channel = GrpcChannel.ForAddress(host.Address.Replace("127.0.0.1", "localhost"), new GrpcChannelOptions
        {
            HttpHandler = handler,
            Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, credentials),
        });

        await new Echo.EchoClient(channel).SayAsync(new Note());

        Assert.Equal("Bearer Say", token);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_unavailable()
    {
        using var certificate = TestCertificate.For("localhost");
        await using var host = await StartTlsAsync(certificate);

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => host.Client().SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_client_with_a_certificate_is_known_by_it()
    {
        using var certificate = TestCertificate.For("localhost");
        using var own = TestCertificate.For("agent-7");
        await using var host = await StartTlsAsync(certificate, ClientCertificateMode.RequireCertificate);
        AuthContext? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.AuthContext;
            return Task.FromResult(note);
        };
        using var handler = Trusting(certificate);
        handler.SslOptions.ClientCertificates = [own];
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = handler });

        await new Echo.EchoClient(channel).SayAsync(new Note());

        Assert.True(seen!.IsPeerAuthenticated);
        Assert.Equal("agent-7", Assert.Single(seen.PeerIdentity).Value);
        Assert.Equal("agent-7", Assert.Single(seen.FindPropertiesByName("x509_common_name")).Value);
    }

    [Fact]
    public async Task A_client_without_the_certificate_that_is_asked_for_is_turned_away()
    {
        using var certificate = TestCertificate.For("localhost");
        await using var host = await StartTlsAsync(certificate, ClientCertificateMode.RequireCertificate);
        using var handler = Trusting(certificate);
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = handler });

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoClient(channel).SayAsync(new Note()).ResponseAsync.WaitAsync(EchoHost.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_Unix_socket_carries_calls_of_every_kind()
    {
        var folder = Directory.CreateTempSubdirectory("grpc-");
        try
        {
            var path = Path.Combine(folder.FullName, "s");
            await using var host = await EchoHost.StartAsync(
                kestrel: options => options.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            };

            await SpeakAsync(handler);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Memory_carries_calls_of_every_kind()
    {
        var memory = new MemoryConnections();
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton<IConnectionListenerFactory>(memory),
            kestrel: options => options.Listen(memory.EndPoint, listen => listen.Protocols = HttpProtocols.Http2));
        using var handler = new SocketsHttpHandler { ConnectCallback = (_, _) => new(memory.Connect()) };

        await SpeakAsync(handler);
    }

    private static async Task SpeakAsync(SocketsHttpHandler handler)
    {
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        var client = new Echo.EchoClient(channel);

        Assert.Equal("hello", (await client.SayAsync(new Note { Text = "hello" })).Text);
        using var repeat = client.Repeat(new Note { Number = 3 });
        Assert.Equal(3, await repeat.ResponseStream.ReadAllAsync().CountAsync());
        using var chat = client.Chat();
        await chat.RequestStream.WriteAsync(new Note { Number = 7 });
        Assert.True(await chat.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        Assert.Equal(7, chat.ResponseStream.Current.Number);
    }

    internal static Task<EchoHost> StartTlsAsync(X509Certificate2 certificate, ClientCertificateMode mode = ClientCertificateMode.NoCertificate) =>
        EchoHost.StartAsync(
            kestrel: options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = mode;
                    https.ClientCertificateValidation = (_, _, _) => true;
                });
            }));

    private static SocketsHttpHandler Trusting(X509Certificate2 certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData),
        },
    };
}
