using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Streams.Contracts.V1;

namespace WebConsole;

/// <summary>Streams that do not end by themselves, as server-sent events: one event a message.</summary>
/// <remarks>Source: https://html.spec.whatwg.org/multipage/server-sent-events.html.</remarks>
internal static class Watches
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapWatches()
        {
            routes.MapGet("/api/tail", (HttpContext context, LogQueries.LogQueriesClient logs, Watchers watchers, IHostApplicationLifetime life) =>
            {
                var tail = new TailLogsRequest
                {
                    Contains = context.Request.Query["text"].ToString(),
                    MinSeverity = Queries.SeverityFrom(context),
                };
                if (context.Request.Query["node"] is [{ Length: > 0 } node])
                    tail.NodeIds.Add(node);
                return WatchAsync(context, watchers, life, cancellation => logs.TailLogs(tail, cancellationToken: cancellation));
            });

            routes.MapGet("/api/node-events", (HttpContext context, NodeQueries.NodeQueriesClient nodes, Watchers watchers, IHostApplicationLifetime life) =>
                WatchAsync(context, watchers, life, cancellation => nodes.WatchNodeEvents(new WatchNodeEventsRequest(), cancellationToken: cancellation)));
        }
    }

    private static async Task WatchAsync<T>(
        HttpContext context, Watchers watchers, IHostApplicationLifetime life, Func<CancellationToken, AsyncServerStreamingCall<T>> start)
        where T : class, IMessage
    {
        if (!watchers.TryEnter())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            return;
        }

        try
        {
            // A watch would outlive the host's patience: it ends when the host begins to stop.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
            using var call = start(ended.Token);
            // Headers go out at once: a quiet log must not look like a dead one. A monitor that is away cuts the stream, and the browser tries again.
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(": watching\n\n", ended.Token);
            await context.Response.Body.FlushAsync(ended.Token);
            while (await call.ResponseStream.MoveNext(ended.Token))
            {
                await context.Response.WriteAsync($"data: {Queries.Json.Format(call.ResponseStream.Current)}\n\n", ended.Token);
                await context.Response.Body.FlushAsync(ended.Token);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || life.ApplicationStopping.IsCancellationRequested)
        {
            // The page was closed, or the console is stopping: that is how a watch ends.
        }
        finally
        {
            watchers.Leave();
        }
    }
}
