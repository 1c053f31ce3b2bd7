using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Calls;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Grpc.Tests;

/// <summary>The HTTP requests of brief calls serve one call after the other, and carry nothing from one to the next.</summary>
public sealed class ReusedRequestTests
{
    private const string Mine = "mine";

    [Fact]
    public async Task A_call_after_a_call_is_made_with_the_same_request()
    {
        await using var host = await EchoHost.StartAsync();
        var channel = host.Channel();
        var client = new Echo.EchoClient(channel);

        await client.SayAsync(new Note());
        var first = Resting(channel);
        await client.SayAsync(new Note(), deadline: DateTime.UtcNow.AddMinutes(1));
        await client.SayAsync(new Note(), cancellationToken: new CancellationTokenSource().Token);
        await client.SayAsync(new Note());

        Assert.Same(first, Resting(channel));
    }

    public static TheoryData<string> WaysToLeaveSomething => ["metadata", "user agent", "content header", "deadline", "host", "trace", "credentials"];

    [Theory]
    [MemberData(nameof(WaysToLeaveSomething))]
    public async Task Nothing_of_a_call_is_left_for_the_next(string way)
    {
        await using var host = await EchoHost.StartAsync();
        Dictionary<string, StringValues> seen = [];
        host.Service.OnSay = (note, context) =>
        {
            seen = context.GetHttpContext().Request.Headers.ToDictionary();
            return Task.FromResult(note);
        };
        var channel = host.Channel(new() { UnsafeUseInsecureChannelCallCredentials = true });
        var client = new Echo.EchoClient(channel);
        await client.SayAsync(new Note());
        var plain = seen;
        Assert.Equal(["Content-Type", "Grpc-Accept-Encoding", "Host", "TE", "User-Agent"], plain.Keys.Order(StringComparer.Ordinal));

        await LeaveSomethingAsync(way, channel);
        var left = seen;
        await client.SayAsync(new Note());

        Assert.NotEqual(Text(plain), Text(left));
        Assert.Equal(Text(plain), Text(seen));
    }

    [Fact]
    public async Task Calls_at_once_keep_to_their_own_headers_and_messages()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (note, context) => Task.FromResult(new Note
        {
            Number = note.Number,
            Text = $"{context.RequestHeaders.GetValue(Mine)}{(context.Deadline == DateTime.MaxValue ? "" : "+deadline")}",
        });
        var client = host.Client();

        // Some end early: what they were made with may still be on its way.
        await Parallel.ForAsync(0, 4_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            var headers = i % 3 == 0 ? new Metadata { { Mine, id } } : null;
            var deadline = i % 5 == 0 ? DateTime.UtcNow.AddMinutes(1) : (DateTime?)null;
            using var call = client.SayAsync(new Note { Number = i, Text = new string('x', i % 200) }, headers, deadline);
            if (i % 7 == 0)
            {
                call.Dispose();
                try
                {
                    await call;
                }
                catch (RpcException exception) when (exception.StatusCode == StatusCode.Cancelled)
                {
                    return;
                }
            }

            var reply = await call;
            Assert.Equal(i, reply.Number);
            Assert.Equal($"{(headers is null ? "" : id)}{(deadline is null ? "" : "+deadline")}", reply.Text);
        }).WaitAsync(EchoHost.Patience);
    }

    [Theory]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.Cancelled)]
    public async Task A_request_of_a_call_that_failed_serves_no_other(StatusCode code)
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = async (_, context) =>
        {
            if (code == StatusCode.Cancelled)
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            throw new RpcException(new Status(code, ""));
        };
        var channel = host.Channel();
        using var call = new Echo.EchoClient(channel).SayAsync(new Note());
        if (code == StatusCode.Cancelled)
            call.Dispose();

        await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync).WaitAsync(EchoHost.Patience);

        Assert.Null(channel.BriefRequests.Rent().Request.RequestUri);
    }

    private static async Task LeaveSomethingAsync(string way, GrpcChannel channel)
    {
        var client = new Echo.EchoClient(channel);
        switch (way)
        {
            case "metadata":
                await client.SayAsync(new Note(), new Metadata { { Mine, "1" } });
                break;
            case "user agent":
                await client.SayAsync(new Note(), new Metadata { { "user-agent", Mine } });
                break;
            case "content header":
                await client.SayAsync(new Note(), new Metadata { { "content-language", "de" } });
                break;
            case "deadline":
                await client.SayAsync(new Note(), deadline: DateTime.UtcNow.AddMinutes(1));
                break;
            case "host":
                await client.WithHost("somewhere.else").SayAsync(new Note());
                break;
            case "trace":
                using (new Activity(Mine).Start())
                    await client.SayAsync(new Note());
                break;
            default:
                var credentials = CallCredentials.FromInterceptor((_, metadata) =>
                {
                    metadata.Add(Mine, "token");
                    return Task.CompletedTask;
                });
                await client.SayAsync(new Note(), new CallOptions(credentials: credentials));
                break;
        }
    }

    private static BriefRequestContent Resting(GrpcChannel channel)
    {
        var resting = channel.BriefRequests.Rent();
        Assert.NotNull(resting.Request.RequestUri);
        channel.BriefRequests.Return(resting);
        return resting;
    }

    private static string Text(Dictionary<string, StringValues> headers) =>
        string.Join('\n', headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {header.Value}"));
}
