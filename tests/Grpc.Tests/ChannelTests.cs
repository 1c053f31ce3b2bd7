using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests;

public sealed class ChannelTests
{
    [Theory]
    [InlineData("localhost:7070")]
    [InlineData("ftp://localhost")]
    public void An_address_without_http_is_refused_with_a_reason(string address)
    {
        var failure = Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(address));

        Assert.Contains("http://", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_must_fit_the_address() =>
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }));

    [Fact]
    public async Task Call_credentials_stay_off_plain_text()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = EchoToken(host);

        await host.Client().SayAsync(new Note(), new CallOptions(credentials: Token("call")));

        Assert.Empty(await seen);
    }

    [Fact]
    public async Task Call_credentials_are_added_where_plain_text_is_allowed()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = EchoToken(host);
        var client = host.Client(new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });

        await client.SayAsync(new Note(), new CallOptions(credentials: CallCredentials.Compose(Token("first"), Token("second"))));

        Assert.Equal("first, second", string.Join(", ", await seen));
    }

    [Fact]
    public async Task A_handler_of_the_callers_own_is_used()
    {
        await using var host = await EchoHost.StartAsync();
        using var counting = new CountingHandler();
        var client = host.Client(new GrpcChannelOptions { HttpHandler = counting });

        await client.SayAsync(new Note());

        Assert.Equal(1, counting.Requests);
    }

    [Fact]
    public async Task An_HttpClient_of_the_callers_own_streams_too()
    {
        await using var host = await EchoHost.StartAsync();
        using var http = new HttpClient();
        using var call = host.Client(new GrpcChannelOptions { HttpClient = http }).Chat();

        await call.RequestStream.WriteAsync(new Note { Number = 1 });

        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
    }

    [Fact]
    public async Task A_client_may_ask_for_another_host()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, context) => Task.FromResult(new Note { Text = context.Host });

        var answer = await host.Client().WithHost("logs.example").SayAsync(new Note());

        Assert.Equal("logs.example", answer.Text);
    }

    [Fact]
    public async Task A_test_double_needs_no_channel()
    {
        var client = new ClientDouble();

        var answer = await client.SayAsync(new Note { Number = 1 });

        Assert.Equal(2, answer.Number);
        Assert.Throws<NotSupportedException>(() => { _ = client.Chat(); });
    }

    private static CallCredentials Token(string token) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add("token", token);
        return Task.CompletedTask;
    });

    private static Task<List<string>> EchoToken(EchoHost host)
    {
        var seen = new TaskCompletionSource<List<string>>();
        host.Service.OnSay = (note, context) =>
        {
            seen.SetResult([.. context.RequestHeaders.GetAll("token").Select(entry => entry.Value)]);
            return Task.FromResult(note);
        };
        return seen.Task;
    }

    private sealed class CountingHandler : DelegatingHandler
    {
        public CountingHandler()
            : base(new SocketsHttpHandler())
        {
        }

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class ClientDouble : Echo.EchoClient
    {
        public override AsyncUnaryCall<Note> SayAsync(Note request, Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default) =>
            new(Task.FromResult(new Note { Number = request.Number + 1 }), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }
}
