namespace Elasticsearch;

/// <summary>What became of a document.</summary>
public enum BulkResult
{
    /// <summary>It is neither taken nor refused.</summary>
    Pending,

    /// <summary>It was not there before.</summary>
    Created,

    /// <summary>It took the place of an older version.</summary>
    Replaced,

    /// <summary>It, or a newer version, was there already.</summary>
    Present,

    /// <summary>It will never be taken as it is.</summary>
    Rejected,
}

/// <summary>What became of a batch: every document was taken, was there already, or never will be.</summary>
public sealed class BulkOutcome
{
    private readonly BulkResult[] _results;
    private readonly int[] _counts = new int[Enum.GetValues<BulkResult>().Length];
    private readonly List<BulkRejection> _rejections = [];

    internal BulkOutcome(int count) => _results = new BulkResult[count];

    /// <summary>Documents that were not there before.</summary>
    public int Created => _counts[(int)BulkResult.Created];

    /// <summary>Documents that took the place of older versions.</summary>
    public int Replaced => _counts[(int)BulkResult.Replaced];

    /// <summary>Documents that were there already.</summary>
    public int Present => _counts[(int)BulkResult.Present];

    /// <summary>Times that the batch, or what was left of it, was sent again.</summary>
    public int Repetitions { get; internal set; }

    /// <summary>Documents that will never be taken as they are.</summary>
    public IReadOnlyList<BulkRejection> Rejections => _rejections;

    /// <summary>What became of one document.</summary>
    /// <param name="item">Its place in the batch, from 0.</param>
    public BulkResult this[int item] => _results[item];

    internal void Set(int item, BulkResult result)
    {
        _results[item] = result;
        _counts[(int)result]++;
    }

    internal void Reject(in BulkRejection rejection)
    {
        Set(rejection.Item, BulkResult.Rejected);
        _rejections.Add(rejection);
    }
}

/// <summary>A document that will never be taken as it is.</summary>
/// <param name="Item">Its place in the batch, from 0.</param>
/// <param name="Status">The status, as HTTP's.</param>
/// <param name="Reason">The error's type and reason, in one line.</param>
public readonly record struct BulkRejection(int Item, int Status, string Reason);
