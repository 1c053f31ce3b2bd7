using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TestKit;

namespace Elasticsearch.Tests;

/// <summary>A fake server, a sender to it, and a clock that moves whenever the sender waits.</summary>
internal sealed class BulkBench : IAsyncDisposable, ILogger
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(3));
    private readonly ElasticsearchClient _client;
    private readonly BulkSender _sender;

    private BulkBench(FakeElasticsearch server, ElasticsearchSettings settings, int seed)
    {
        Server = server;
        _client = new(settings, Time);
        _sender = new(_client, settings, seed, Time, this);
    }

    public FakeElasticsearch Server { get; }

    public FakeTimeProvider Time { get; } = new();

    /// <summary>What was said of repetitions.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>What an operator sees.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>The pauses between attempts, in order.</summary>
    public List<TimeSpan> Pauses { get; } = [];

    public static async Task<BulkBench> StartAsync(Action<ElasticsearchSettings>? set = null, int seed = 1)
    {
        var server = await FakeElasticsearch.StartAsync();
        var settings = new ElasticsearchSettings { Urls = [server.Url] };
        set?.Invoke(settings);
        return new(server, settings, seed);
    }

    public static BulkBatch Batch(int count, int from = 1)
    {
        var batch = new BulkBatch();
        foreach (var i in Enumerable.Range(from, count))
        {
            var document = batch.BeginCreate("logs", $"{i}");
            document.WriteStartObject();
            document.WriteNumber("n"u8, i);
            document.WriteEndObject();
            batch.End();
        }

        return batch;
    }

    /// <summary>Sends a batch to its end, moving the clock over every pause.</summary>
    public async Task<BulkOutcome> SendAsync(BulkBatch batch)
    {
        var sending = _sender.SendAsync(batch, null, _limit.Token);
        var (told, bulks) = (Log.Count, Server.Bulks);
        while (!sending.IsCompleted)
        {
            await Task.Delay(1);
            if (Log.Count > told)
            {
                // A pause has begun. Its timer may not be armed yet: small steps make up for a long one that came too early, and are
                // too small for the time that a request may take.
                (told, bulks) = (Log.Count, Server.Bulks);
                Time.Advance(Pauses[^1]);
            }
            else if (told > 0 && Server.Bulks == bulks)
            {
                Time.Advance(TimeSpan.FromMilliseconds(20));
            }
        }

        return await sending;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Information)
            Said.Enqueue(formatter(state, exception));
        foreach (var (name, value) in (IReadOnlyList<KeyValuePair<string, object?>>)state!)
        {
            if (name == "Pause")
            {
                Pauses.Add((TimeSpan)value!);
                Log.Enqueue(formatter(state, exception));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
        _limit.Dispose();
    }
}
