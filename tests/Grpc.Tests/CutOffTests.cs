using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>A client that resets its stream: Kestrel fails the reading at once and cancels its token whenever it comes to it.</summary>
public sealed class CutOffTests
{
    [Fact]
    public async Task Is_cancelled_and_no_fault_of_the_handler_even_before_the_token_says_so()
    {
        await using var host = await EchoHost.StartAsync();
        var gather = host.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Single(endpoint => endpoint.DisplayName == "gRPC - /grpctests.v1.Echo/Gather");
        var requests = new Pipe();
        await requests.Writer.CompleteAsync(new ConnectionResetException("The client reset the request stream."));
        var http = new DefaultHttpContext { RequestServices = host.Services };
        (http.Request.Method, http.Request.Protocol, http.Request.Path, http.Request.ContentType) = ("POST", "HTTP/2", "/grpctests.v1.Echo/Gather", "application/grpc");
        http.Features.Set<IRequestBodyPipeFeature>(new Body(requests.Reader));

        await gather.RequestDelegate!(http);

        Assert.False(http.RequestAborted.IsCancellationRequested);
        Assert.Equal($"{(int)StatusCode.Cancelled}", http.Response.Headers["grpc-status"]);
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
