using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Contracts.V1;

namespace WebConsole;

/// <summary>Questions that end: nodes, logs, alerts and stores, each a JSON array of the public contract's messages.</summary>
internal static class Queries
{
    /// <summary>Protobuf's JSON form, zero values included, so that the page need not know defaults.</summary>
    internal static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapQueries()
        {
            routes.MapGet("/api/nodes", (HttpContext context, NodeQueries.NodeQueriesClient nodes, ConsoleOptions options, TimeProvider time) =>
                WriteArrayAsync(context, nodes.ListNodes(new ListNodesRequest(), Call(context, options, time)), options.RowsMax));

            routes.MapGet("/api/logs", (HttpContext context, LogQueries.LogQueriesClient logs, ConsoleOptions options, TimeProvider time) =>
            {
                var search = new SearchLogsRequest
                {
                    Text = context.Request.Query["text"].ToString(),
                    MinSeverity = SeverityFrom(context),
                    Limit = (uint)RowsFrom(context, options),
                };
                if (context.Request.Query["node"] is [{ Length: > 0 } node])
                    search.NodeIds.Add(node);
                return WriteArrayAsync(context, logs.SearchLogs(search, Call(context, options, time)), options.RowsMax);
            });

            routes.MapGet("/api/alerts", (HttpContext context, LogQueries.LogQueriesClient logs, ConsoleOptions options, TimeProvider time) =>
                WriteArrayAsync(
                    context,
                    logs.ListAlerts(new ListAlertsRequest { IncludeResolved = true, Limit = (uint)RowsFrom(context, options) }, Call(context, options, time)),
                    options.RowsMax));

            routes.MapGet("/api/stores", async (HttpContext context, NodeQueries.NodeQueriesClient nodes, ConsoleOptions options, TimeProvider time) =>
            {
                var stores = await nodes.DescribeStoresAsync(new DescribeStoresRequest(), Call(context, options, time));
                return Results.Text(Json.Format(stores), "application/json; charset=utf-8");
            });
        }
    }

    /// <summary>The severity that the page asked for; an unknown word is the caller's mistake.</summary>
    internal static Severity SeverityFrom(HttpContext context)
    {
        var text = context.Request.Query["min_severity"].ToString();
        if (text.Length == 0)
            return Severity.Unspecified;
        return System.Enum.TryParse<Severity>(text, ignoreCase: true, out var severity) && System.Enum.IsDefined(severity)
            ? severity
            : throw new RpcException(new Status(StatusCode.InvalidArgument, $"'{text}' is no severity; use trace, debug, info, warn, error or fatal."));
    }

    private static int RowsFrom(HttpContext context, ConsoleOptions options)
    {
        var text = context.Request.Query["limit"].ToString();
        if (text.Length == 0)
            return Math.Min(200, options.RowsMax);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows > 0
            ? Math.Min(rows, options.RowsMax)
            : throw new RpcException(new Status(StatusCode.InvalidArgument, $"limit '{text}' is not a number above 0."));
    }

    private static CallOptions Call(HttpContext context, ConsoleOptions options, TimeProvider time) =>
        new(deadline: time.GetUtcNow().UtcDateTime + options.QueryTimeout, cancellationToken: context.RequestAborted);

    private static async Task WriteArrayAsync<T>(HttpContext context, AsyncServerStreamingCall<T> call, int rowsMax)
        where T : class, IMessage
    {
        using (call)
        {
            // The first row decides between an answer and an error; until it is here, nothing is written.
            var more = await call.ResponseStream.MoveNext(context.RequestAborted);

            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync("[", context.RequestAborted);
            for (var rows = 0; more && rows < rowsMax; rows++)
            {
                if (rows > 0)
                    await context.Response.WriteAsync(",", context.RequestAborted);
                await context.Response.WriteAsync(Json.Format(call.ResponseStream.Current), context.RequestAborted);
                more = await call.ResponseStream.MoveNext(context.RequestAborted);
            }

            await context.Response.WriteAsync("]", context.RequestAborted);
        }
    }
}
