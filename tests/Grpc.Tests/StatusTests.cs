using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

public sealed class StatusTests
{
    public static TheoryData<StatusCode> Failures() => [.. Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK)];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_code_gets_through(StatusCode code)
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(new Status(code, $"because {code}"));

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal((code, $"because {code}"), (failure.StatusCode, failure.Status.Detail));
    }

    [Theory]
    [InlineData("50% of Köln 🙂\r\n\ttab")]
    [InlineData(" spaces at both ends ")]
    [InlineData("%zz %4 %")]
    [InlineData("")]
    public async Task Any_text_is_a_detail(string detail)
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(new Status(StatusCode.Aborted, detail));

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal(detail, failure.Status.Detail);
    }

    [Fact]
    public async Task A_status_set_on_the_context_is_sent()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnRepeat = async (_, notes, context) =>
        {
            await notes.WriteAsync(new Note { Number = 1 });
            context.Status = new Status(StatusCode.DataLoss, "half of it");
        };
        using var call = host.Client().Repeat(new Note());

        Assert.True(await call.ResponseStream.MoveNext());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal((StatusCode.DataLoss, "half of it"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal(StatusCode.DataLoss, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_its_secret()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new InvalidOperationException("password is hunter2");

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal((StatusCode.Unknown, "Exception was thrown by handler."), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_handler_that_throws_is_quoted_where_that_is_allowed()
    {
        await using var host = await EchoHost.StartAsync(options => options.EnableDetailedErrors = true);
        host.Service.OnSay = (_, _) => throw new InvalidOperationException("the disk is full");

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal("Exception was thrown by handler. InvalidOperationException: the disk is full", failure.Status.Detail);
    }

    [Fact]
    public async Task A_handler_that_answers_nothing_cancels()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => Task.FromResult<Note>(null!);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal((StatusCode.Cancelled, "No message returned from method."), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_method_that_nobody_wrote_is_unimplemented()
    {
        await using var host = await EchoHost.StartAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().UnwrittenAsync(new Note()));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [Fact]
    public async Task A_service_that_nobody_mapped_is_unimplemented()
    {
        await using var host = await EchoHost.StartAsync();
        var client = new Missing.MissingClient(host.Channel());

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new Note()));

        Assert.Equal((StatusCode.Unimplemented, "Service is unimplemented."), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_server_that_fails_while_requests_still_come_is_heard()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "not you"));
        using var call = host.Client().Gather();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync.WaitAsync(EchoHost.Patience));
        var writing = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new Note()));

        Assert.Equal((StatusCode.PermissionDenied, "not you"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal(StatusCode.PermissionDenied, writing.StatusCode);
    }

    [Fact]
    public async Task A_server_may_be_content_before_the_client_is_done()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnGather = async (requests, _) =>
        {
            Assert.True(await requests.MoveNext());
            return new Note { Text = "enough" };
        };
        using var call = host.Client().Gather();

        await call.RequestStream.WriteAsync(new Note());
        var answer = await call.ResponseAsync.WaitAsync(EchoHost.Patience);

        Assert.Equal("enough", answer.Text);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new Note()));
    }

    [Fact]
    public async Task A_client_that_floods_a_finished_conversation_learns_its_status()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnChat = async (_, responses, _) =>
        {
            await responses.WriteAsync(new Note { Text = "bye" });
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "too much"));
        };
        using var call = host.Client().Chat();
        var payload = Google.Protobuf.ByteString.CopyFrom(new byte[64 * 1024]);

        var writing = Task.Run(async () =>
        {
            while (true)
                await call.RequestStream.WriteAsync(new Note { Payload = payload });
        });
        var stopped = await Assert.ThrowsAsync<RpcException>(() => writing.WaitAsync(EchoHost.Patience));
        Assert.True(await call.ResponseStream.MoveNext());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Contains(stopped.StatusCode, (StatusCode[])[StatusCode.Unavailable, StatusCode.ResourceExhausted]);
        Assert.Equal((StatusCode.ResourceExhausted, "too much"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task Status_and_trailers_wait_for_the_calls_end()
    {
        await using var host = await EchoHost.StartAsync();
        using var call = host.Client().Chat();

        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }
}
