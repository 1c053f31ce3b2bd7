using Grpc.Core;

namespace Cli.Client;

/// <summary>Copies a live stream to the output, shown at once and yet in blocks when much arrives.</summary>
internal static class LiveStream
{
    public static async Task CopyAsync<T>(IAsyncStreamReader<T> source, Action<T> write, Action flush, CancellationToken cancellation)
    {
        while (true)
        {
            var next = source.MoveNext(cancellation);
            if (!next.IsCompleted)
                flush();
            if (!await next)
                break;
            write(source.Current);
        }

        flush();
    }
}
