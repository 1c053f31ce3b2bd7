using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>How much metadata gets through, and that more of it costs the call and nothing else.</summary>
public sealed class HeaderLimitTests
{
    private const int Suggested = 8 * 1024; // what gRPC's protocol suggests that everyone takes
    private const int TooMuch = 200 * 1024;

    [Fact]
    public async Task What_the_protocol_suggests_gets_through_both_ways()
    {
        await using var host = await EchoHost.StartAsync();
        var value = new string('x', Suggested);
        host.Service.OnSay = async (note, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", context.RequestHeaders.GetValue("long")! } });
            context.ResponseTrailers.Add("late", value);
            return note;
        };
        using var call = host.Client().SayAsync(new Note(), new Metadata { { "long", value } });

        await call;

        Assert.Equal(value, (await call.ResponseHeadersAsync).GetValue("early"));
        Assert.Equal(value, call.GetTrailers().GetValue("late"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Too_much_of_it_fails_the_call_and_the_next_one_is_served(bool upwards)
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (note, context) =>
        {
            if (note.Text == "much")
                context.ResponseTrailers.Add("much", new string('x', TooMuch));
            return Task.FromResult(note);
        };
        var client = host.Client();
        var metadata = upwards ? new Metadata { { "much", new string('x', TooMuch) } } : [];

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => client.SayAsync(new Note { Text = upwards ? "" : "much" }, metadata).ResponseAsync.WaitAsync(EchoHost.Patience));
        var next = await client.SayAsync(new Note { Text = "next" });

        Assert.True(failure.StatusCode is StatusCode.Internal or StatusCode.ResourceExhausted or StatusCode.Unavailable, failure.ToString());
        Assert.Equal("next", next.Text);
    }
}
