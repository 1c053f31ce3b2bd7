using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Elasticsearch;

/// <summary>Sends batches until each document is taken or is known never to be.</summary>
/// <remarks>
/// <para>What is repeated: everything where there was no answer or one that says "not now" or "not as you are"; of an answer that took a part,
/// the documents that may be taken later. Pauses double from the first to the longest, each somewhere around its length by chance, so that
/// several senders do not come back together; a server that names a time is given it. There is no last attempt: what is not
/// taken must not be dropped, so only the caller's cancellation ends it.</para>
/// <para>A body that is too large, or cannot be read, is halved until the documents that are to blame stand alone; those are rejected.</para>
/// </remarks>
public sealed partial class BulkSender
{
    // A server may not silence its clients for longer than this.
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(5);

    // Reasons hold words of the server's.
    private const int ReasonsMax = 16;

    private readonly ElasticsearchClient _client;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<BulkPass> _retries;

    // Since the server last took something: batches on their way together meet the same trouble, and each meets it again and again.
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Makes a sender.</summary>
    /// <param name="client">The server.</param>
    /// <param name="settings">The pauses.</param>
    /// <param name="seed">Where the chance in the pauses begins: the same seed, the same pauses.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of each trouble once, until the server takes documents again; of every repetition at debug level.</param>
    public BulkSender(ElasticsearchClient client, ElasticsearchSettings settings, int seed, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_client, _logger) = (client, logger);
        var chance = new Random(seed);
        var gate = new Lock();
        _retries = new ResiliencePipelineBuilder<BulkPass> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<BulkPass>
            {
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Result is { IsWhole: false }),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = settings.FirstPause,
                MaxDelay = settings.LongestPause,
                UseJitter = true,
                DelayGenerator = static attempt => ValueTask.FromResult(Asked(attempt.Outcome.Result)),
                OnRetry = attempt =>
                {
                    var pass = attempt.Outcome.Result!;
                    pass.Outcome.Repetitions++;
                    NotTaken(IsNews(pass.Reason) ? LogLevel.Warning : LogLevel.Debug, pass.Pending.Count, pass.Reason, attempt.RetryDelay);
                    return default;
                },
                Randomizer = () =>
                {
                    lock (gate)
                        return chance.NextDouble();
                },
            })
            .Build();
    }

    /// <summary>Sends a batch and returns once nothing of it is left to send.</summary>
    /// <param name="batch">The documents.</param>
    /// <param name="prepare">
    /// Called before each attempt, and told whether contact to the server was lost since. Where it throws an
    /// <see cref="ElasticsearchException"/>, the attempt has failed. Null for nothing to prepare.
    /// </param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; nobody knows what was taken. Sending the same batch again is safe.</exception>
    public async Task<BulkOutcome> SendAsync(
        BulkBatch batch, Func<bool, CancellationToken, Task>? prepare, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var pass = new BulkPass(batch.Count);
        await _retries.ExecuteAsync(
            async token =>
            {
                await TryOnceAsync(batch, prepare, pass, token).ConfigureAwait(false);
                return pass;
            },
            cancellation).ConfigureAwait(false);
        SayThatItPassed();
        return pass.Outcome;
    }

    private bool IsNews(string reason)
    {
        lock (_said)
            return _said.Count < ReasonsMax && _said.Add(reason);
    }

    private void SayThatItPassed()
    {
        lock (_said)
        {
            if (_said.Count == 0)
                return;
            _said.Clear();
        }

        TakesAgain();
    }

    private async Task TryOnceAsync(BulkBatch batch, Func<bool, CancellationToken, Task>? prepare, BulkPass pass, CancellationToken cancellation)
    {
        int[] items = [.. pass.Pending];
        var lostContact = pass.LostContact;
        pass.Begin();
        try
        {
            if (prepare is not null)
                await prepare(lostContact, cancellation).ConfigureAwait(false);
        }
        catch (ElasticsearchException refusal)
        {
            pass.Postpone(items, refusal);
            return;
        }

        await SendAsync(batch, items, pass, cancellation).ConfigureAwait(false);
    }

    private async Task SendAsync(BulkBatch batch, ReadOnlyMemory<int> items, BulkPass pass, CancellationToken cancellation)
    {
        if (items.Length == 0)
            return;

        try
        {
            var answers = await _client.BulkAsync(batch.Compress(items.Span), items.Length, cancellation).ConfigureAwait(false);
            for (var i = 0; i < answers.Length; i++)
                pass.Take(items.Span[i], answers[i]);
        }
        catch (ElasticsearchException refusal) when (IsForItsContent(refusal) && items.Length > 1)
        {
            var half = items.Length / 2;
            await SendAsync(batch, items[..half], pass, cancellation).ConfigureAwait(false);
            await SendAsync(batch, items[half..], pass, cancellation).ConfigureAwait(false);
        }
        catch (ElasticsearchException refusal) when (IsForItsContent(refusal))
        {
            pass.Reject(items.Span[0], refusal.Status, refusal.Message);
        }
        catch (ElasticsearchException refusal)
        {
            pass.Postpone(items.Span, refusal);
        }
    }

    // Other refusals (credentials, rights, a missing endpoint) would be the same for any content, and end when somebody mends the server.
    private static bool IsForItsContent(ElasticsearchException refusal) => refusal.Kind == ElasticsearchErrorKind.TooLarge || refusal.Status == 400;

    // Null leaves the pause to the exponential backoff.
    private static TimeSpan? Asked(BulkPass? pass) =>
        pass?.RetryAfter is { } asked ? (asked < RetryAfterMax ? asked : RetryAfterMax) : null;

    [LoggerMessage(EventId = 1, Message = "Elasticsearch has not taken {Count} documents yet: {Reason} Sending them again in {Pause}.")]
    private partial void NotTaken(LogLevel level, int count, string reason, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Information, "Elasticsearch takes documents again.")]
    private partial void TakesAgain();
}
