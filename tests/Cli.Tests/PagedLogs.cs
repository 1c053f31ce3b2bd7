using System.Globalization;
using Grpc.Core;
using Streams.Contracts.V1;

namespace Cli.Tests;

/// <summary>A log store of numbered records that answers in pages, as the monitor does.</summary>
internal sealed class PagedLogs(int stored) : CallInvoker
{
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var search = (SearchLogsRequest)(object)request;
        var after = search.PageToken.Length == 0 ? 0 : int.Parse(search.PageToken, CultureInfo.InvariantCulture);
        var page = Enumerable.Range(after + 1, Math.Min((int)search.Limit, stored - after))
            .Select(n => new StoredLog { Id = $"{n}", PageToken = $"{n}", Record = new LogRecord() });
        return new AsyncServerStreamingCall<TResponse>(
            (IAsyncStreamReader<TResponse>)(object)new Page(page.GetEnumerator()),
            Task.FromResult(new Metadata()),
            () => Status.DefaultSuccess,
            () => [],
            () => { });
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private sealed class Page(IEnumerator<StoredLog> records) : IAsyncStreamReader<StoredLog>
    {
        public StoredLog Current => records.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(records.MoveNext());
    }
}
