using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace WebConsole;

/// <summary>Turns the monitor's refusals into HTTP's, with the reason in the body.</summary>
internal sealed class MonitorErrors(RequestDelegate next, ConsoleOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (RpcException e) when (context.RequestAborted.IsCancellationRequested || e.StatusCode is StatusCode.Cancelled)
        {
            // The browser went away; nobody is left to answer.
            context.Abort();
        }
        catch (RpcException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode switch
            {
                StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
                StatusCode.NotFound => StatusCodes.Status404NotFound,
                StatusCode.Unauthenticated or StatusCode.PermissionDenied => StatusCodes.Status502BadGateway,
                StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
                _ => StatusCodes.Status503ServiceUnavailable,
            };
            await context.Response.WriteAsJsonAsync(new Problem($"The monitor at {options.Monitor} answers {e.StatusCode}: {e.Status.Detail}"));
        }
        catch (RpcException)
        {
            // Half an answer is out: cutting the connection is the only way left to say that it is not whole.
            context.Abort();
        }
    }

    private sealed record Problem(string Error);
}
