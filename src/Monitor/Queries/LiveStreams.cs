using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Monitor.Live;

namespace Monitor.Queries;

/// <summary>Connects a caller to a feed, until one of them ends.</summary>
internal sealed class LiveStreams(IHostApplicationLifetime lifetime)
{
    /// <summary>Sends what <paramref name="filter"/> lets through. The response headers go out once the caller is watching.</summary>
    public async Task ServeAsync<T>(LiveFeed<T> feed, Func<T, bool> filter, IServerStreamWriter<T> to, ServerCallContext context)
    {
        using var watching = feed.TrySubscribe(filter)
            ?? throw Refusal.Exhausted("As many live streams are open as this monitor allows (Queries.SubscribersMax). Close one, or try again later.");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
        try
        {
            await foreach (var item in watching.ReadAllAsync(either.Token).ConfigureAwait(false))
                await to.WriteAsync(item).ConfigureAwait(false);
        }
        catch (SlowWatcherException slow)
        {
            throw Refusal.Exhausted(slow.Message);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Refusal.Unavailable("The monitor is stopping. Watch again when it is back.");
        }
    }
}
