using System.ComponentModel.DataAnnotations;
using Elasticsearch;
using Monitor.LogStore.OnElasticsearch;

namespace Monitor;

/// <summary>Elasticsearch as the log store. Without an address in <see cref="ElasticsearchSettings.Urls"/> the store is the embedded one.</summary>
public sealed class ElasticsearchStoreOptions : ElasticsearchSettings
{
    /// <summary>
    /// Names of indexes: <c>{nature}</c> becomes logs-info, logs-alert (from WARN on), alerts, heartbeats or node-events, <c>{day}</c> the day of
    /// receipt. Default <c>{nature}-{day}</c>, as in logs-info-2026.11.27.
    /// </summary>
    [Required]
    public string IndexPattern { get; set; } = $"{IndexNames.NatureMark}-{IndexNames.DayMark}";

    /// <summary>Name that the index template, its mappings and the lifecycle policy begin with. Default <c>streams</c>.</summary>
    [Required]
    [RegularExpression("[a-z][a-z0-9-]{0,60}")]
    public string TemplateName { get; set; } = "streams";

    /// <summary>Priority of the index template. Default 300: Elasticsearch's own templates for logs-*-* have 100, those of its agents 200.</summary>
    [Range(0, int.MaxValue)]
    public int TemplatePriority { get; set; } = 300;

    /// <summary>Whether the monitor installs template and policy. Default true; without, somebody else has to, and keep the fields.</summary>
    public bool InstallTemplate { get; set; } = true;

    /// <summary>Size of a bulk request before compression. Default 4 MiB; one record may exceed it.</summary>
    [Range(64 << 10, 64 << 20)]
    public int BulkBytesMax { get; set; } = 4 << 20;

    /// <summary>Records in a bulk request at most. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int BulkRecordsMax { get; set; } = 5_000;

    /// <summary>Bulk requests on the way at once; one more waits, and reading from Kafka with it. Default 2.</summary>
    [Range(1, 64)]
    public int BulksInFlightMax { get; set; } = 2;

    /// <summary>How long a bulk request that is not full waits for company while fewer are on the way than may be. Default 200 ms; 0 waits for a commit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a stop waits for documents on the way before it leaves them to the next start. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether this is the log store.</summary>
    internal bool IsChosen => Urls.Count > 0;

    /// <inheritdoc/>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var fault in base.Validate(validationContext))
            yield return fault;
        if (IndexPattern is { Length: > 0 } && IndexNames.Fault(IndexPattern) is { } wrong)
            yield return new($"'{IndexPattern}' cannot name indexes: {wrong}.", [nameof(IndexPattern)]);
    }
}
