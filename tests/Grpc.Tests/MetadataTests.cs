using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

public sealed class MetadataTests
{
    private static readonly byte[] Bytes = [0, 1, 254, 255];

    [Fact]
    public async Task Headers_reach_the_server_with_bytes_duplicates_and_order()
    {
        await using var host = await EchoHost.StartAsync();
        Metadata? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.RequestHeaders;
            return Task.FromResult(note);
        };

        await host.Client().SayAsync(new Note(), new Metadata
        {
            { "Color", "red" }, { "color", "blue" }, { "token-bin", Bytes }, { "token-bin", [7] }, { "empty", "" }, { "empty-bin", [] },
        });

        // HttpClient joins the values of one name, which the protocol holds to be the same.
        Assert.Equal("red, blue", string.Join(", ", seen!.GetAll("color").Select(entry => entry.Value)));
        Assert.Equal([Bytes, [7]], seen.GetAll("token-bin").Select(entry => entry.ValueBytes));
        Assert.Equal("", seen.GetValue("empty"));
        Assert.Empty(seen.GetValueBytes("empty-bin")!);
    }

    [Fact]
    public async Task The_protocols_own_headers_are_not_the_applications()
    {
        await using var host = await EchoHost.StartAsync();
        Metadata? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.RequestHeaders;
            return Task.FromResult(note);
        };

        await host.Client().SayAsync(new Note(), deadline: DateTime.UtcNow.AddMinutes(1));

        Assert.DoesNotContain(seen!, entry =>
            entry.Key is "te" or "content-type" or "host" || entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_and_trailers_come_back()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = async (note, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "1" }, { "early", "2" }, { "early-bin", Bytes } });
            context.ResponseTrailers.Add("late", "3");
            context.ResponseTrailers.Add("late-bin", Bytes);
            return note;
        };
        using var call = host.Client().SayAsync(new Note());

        var headers = await call.ResponseHeadersAsync;
        await call;

        Assert.Equal(["1", "2"], headers.GetAll("early").Select(entry => entry.Value));
        Assert.Equal(Bytes, headers.GetValueBytes("early-bin"));
        Assert.Equal("3", call.GetTrailers().GetValue("late"));
        Assert.Equal(Bytes, call.GetTrailers().GetValueBytes("late-bin"));
    }

    [Fact]
    public async Task Headers_arrive_before_the_first_message_of_a_stream()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = new TaskCompletionSource();
        host.Service.OnRepeat = async (_, notes, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" } });
            await seen.Task;
            await notes.WriteAsync(new Note());
        };
        using var call = host.Client().Repeat(new Note());

        var headers = await call.ResponseHeadersAsync.WaitAsync(EchoHost.Patience);
        seen.SetResult();

        Assert.Equal("bird", headers.GetValue("early"));
        Assert.Equal(1, await call.ResponseStream.ReadAllAsync().CountAsync());
    }

    [Fact]
    public async Task Response_headers_go_once()
    {
        await using var host = await EchoHost.StartAsync();
        Exception? second = null;
        host.Service.OnSay = async (note, context) =>
        {
            await context.WriteResponseHeadersAsync([]);
            second = await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync([]));
            return note;
        };

        await host.Client().SayAsync(new Note());

        Assert.IsType<InvalidOperationException>(second);
    }

    [Fact]
    public async Task Trailers_come_with_a_failure()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, context) =>
        {
            context.ResponseTrailers.Add("set-before", "yes");
            throw new RpcException(new Status(StatusCode.NotFound, "no such node"), new Metadata { { "thrown-bin", Bytes } });
        };

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal("yes", failure.Trailers.GetValue("set-before"));
        Assert.Equal(Bytes, failure.Trailers.GetValueBytes("thrown-bin"));
    }

    [Fact]
    public async Task A_trailer_that_no_header_can_carry_does_not_cost_the_status()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) =>
            throw new RpcException(new Status(StatusCode.NotFound, "gone"), new Metadata { { "place", "Köln\r\nx: y" } });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
        Assert.Equal("K?ln??x: y", failure.Trailers.GetValue("place"));
    }

    [Theory]
    [InlineData("grpc-timeout", "1S")]
    [InlineData("te", "gzip")]
    [InlineData("place", "Köln")]
    [InlineData("place", "a\r\nb: c")]
    public async Task A_header_that_cannot_be_sent_is_the_callers_mistake(string key, string value)
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        Assert.Throws<ArgumentException>(() => { _ = client.SayAsync(new Note(), new Metadata { { key, value } }); });
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("ümlaut")]
    [InlineData("blob-bin")]
    public void A_key_that_does_not_fit_its_text_is_refused(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata { { key, "text" } });

    [Fact]
    public void Bytes_need_a_key_that_says_so() =>
        Assert.Throws<ArgumentException>(() => new Metadata { { "blob", Bytes } });

    [Fact]
    public void Empty_metadata_stays_empty() =>
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));

    [Fact]
    public void The_last_value_of_a_key_is_its_value()
    {
        var metadata = new Metadata { { "key", "first" }, { "key", "last" } };

        Assert.Equal("last", metadata.GetValue("KEY"));
        Assert.Null(metadata.GetValue("other"));
    }
}
