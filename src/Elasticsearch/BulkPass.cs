namespace Elasticsearch;

/// <summary>How far the sending of one batch has come.</summary>
internal sealed class BulkPass(int count)
{
    // Errors that speak of the index or the cluster, not of the document: they pass, or somebody mends them.
    private static readonly string[] PassingErrors =
    [
        "cluster_block_exception", "index_not_found_exception", "index_closed_exception", "security_exception",
        // The cluster has as many shards as it may have.
        "validation_exception",
    ];

    /// <summary>Items that are neither taken nor rejected.</summary>
    public List<int> Pending { get; } = [.. Enumerable.Range(0, count)];

    public BulkOutcome Outcome { get; } = new(count);

    /// <summary>Why the last item that is pending was not taken.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>How long the server asked to be left alone, at the longest.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether the server did not answer the last attempt: what answers the next one may be another.</summary>
    public bool LostContact { get; private set; }

    /// <summary>Whether nothing is left to send.</summary>
    public bool IsWhole => Pending.Count == 0;

    /// <summary>Begins an attempt: what it does not take is pending after it.</summary>
    public void Begin()
    {
        Pending.Clear();
        RetryAfter = null;
        LostContact = false;
    }

    /// <summary>Takes the answer for an item.</summary>
    public void Take(int item, BulkItem answer)
    {
        switch (answer.Status)
        {
            case 201:
                Outcome.Set(item, BulkResult.Created);
                break;
            case >= 200 and < 300:
                Outcome.Set(item, BulkResult.Replaced);
                break;
            case 409:
                Outcome.Set(item, BulkResult.Present);
                break;
            case 429 or >= 500:
                Postpone(item, answer);
                break;
            default:
                if (answer.ErrorType is { } type && PassingErrors.Contains(type, StringComparer.Ordinal))
                    Postpone(item, answer);
                else
                    Reject(item, answer.Status, $"{answer.ErrorType}: {answer.Reason}");
                break;
        }
    }

    /// <summary>Gives an item up.</summary>
    public void Reject(int item, int status, string reason) => Outcome.Reject(new(item, status, reason));

    /// <summary>Leaves items for the next attempt.</summary>
    public void Postpone(ReadOnlySpan<int> items, ElasticsearchException refusal)
    {
        foreach (var item in items)
            Pending.Add(item);
        Reason = refusal.Message;
        LostContact |= refusal.Status == 0;
        if (refusal.RetryAfter > (RetryAfter ?? TimeSpan.Zero))
            RetryAfter = refusal.RetryAfter;
    }

    private void Postpone(int item, BulkItem answer)
    {
        Pending.Add(item);
        Reason = $"{answer.Status} {answer.ErrorType}: {answer.Reason}.";
    }
}
