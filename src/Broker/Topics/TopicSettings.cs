using System.Collections.Frozen;
using System.Globalization;
using Broker.Log;

namespace Broker.Topics;

/// <summary>The settings a topic may have, and what they come to.</summary>
/// <remarks>
/// Clients and consoles look the usual keys up by name, so all of them are here; those that mean something only to a cluster, or to
/// Kafka's own file layout, are kept and shown and say that they have no effect.
/// </remarks>
internal static class TopicSettings
{
    private const string NoEffect = " Kept for clients that set it; it has no effect on this broker.";

    private static readonly FrozenDictionary<string, TopicSetting> ByName = new TopicSetting[]
    {
        new("cleanup.policy", SettingType.List, "delete removes old segments, compact keeps the last record of each key.", _ => "delete")
        {
            Words = ["delete", "compact"],
            BrokerName = "log.cleanup.policy",
        },
        new("compression.type", SettingType.String, "Batches are kept as their producers compressed them.", _ => "producer") { Words = ["producer"], BrokerName = "compression.type" },
        Number("delete.retention.ms", "How long a tombstone stays readable after compaction has met it.", _ => 86_400_000, min: 0, brokerName: "log.cleaner.delete.retention.ms"),
        Number("file.delete.delay.ms", "Time before a deleted file is removed." + NoEffect, _ => 60_000, min: 0),
        Number("flush.messages", "Records between two fsyncs; the broker's flush policy decides instead." + NoEffect, _ => long.MaxValue, min: 1),
        Number("flush.ms", "Time between two fsyncs; the broker's flush policy decides instead." + NoEffect, _ => long.MaxValue, min: 0),
        Number("index.interval.bytes", "Bytes of log between two index entries." + NoEffect, _ => GrowingIndex.IntervalBytes, min: 0, type: SettingType.Int),
        Number("max.compaction.lag.ms", "Longest time a record may stay uncompacted." + NoEffect, _ => long.MaxValue, min: 1),
        Number("max.message.bytes", "Largest record batch.", o => o.MessageBytesMax, min: 0, type: SettingType.Int, brokerName: "message.max.bytes"),
        Number("message.timestamp.after.max.ms", "How far ahead of the broker's clock a record may be.", _ => 3_600_000, min: 0, brokerName: "log.message.timestamp.after.max.ms"),
        Number("message.timestamp.before.max.ms", "How far behind the broker's clock a record may be.", _ => long.MaxValue, min: 0, brokerName: "log.message.timestamp.before.max.ms"),
        new("message.timestamp.type", SettingType.String, "Whether a record's time is its producer's or the broker's.", _ => "CreateTime")
        {
            Words = ["CreateTime", "LogAppendTime"],
            BrokerName = "log.message.timestamp.type",
        },
        new("min.cleanable.dirty.ratio", SettingType.Double, "Share of a log that must be new before it is compacted again.", _ => "0.5")
        {
            Min = 0,
            Max = 1,
            BrokerName = "log.cleaner.min.cleanable.ratio",
        },
        Number("min.compaction.lag.ms", "How long a record is safe from compaction.", _ => 0, min: 0, brokerName: "log.cleaner.min.compaction.lag.ms"),
        Number("min.insync.replicas", "Replicas that must have a record." + NoEffect, _ => 1, min: 1, type: SettingType.Int),
        new("preallocate", SettingType.Boolean, "Whether files are made at full size." + NoEffect, _ => "false"),
        Number("retention.bytes", "Bytes kept per partition; -1 for no limit.", o => o.RetentionBytes, min: -1, brokerName: "log.retention.bytes"),
        Number("retention.ms", "Age after which records go; -1 keeps them.", o => o.RetentionAge is { } age ? (long)age.TotalMilliseconds : -1, min: -1, brokerName: "log.retention.ms"),
        Number("segment.bytes", "Size at which a segment is closed.", o => o.SegmentBytes, min: 14, type: SettingType.Int, brokerName: "log.segment.bytes"),
        Number("segment.index.bytes", "Size of an index file." + NoEffect, _ => 10_485_760, min: 4, type: SettingType.Int),
        Number("segment.jitter.ms", "Spread of segments' ages." + NoEffect, _ => 0, min: 0),
        Number("segment.ms", "Age at which a segment is closed.", o => (long)o.SegmentAge.TotalMilliseconds, min: 1, brokerName: "log.roll.ms"),
        new("unclean.leader.election.enable", SettingType.Boolean, "Whether a stale replica may lead." + NoEffect, _ => "false"),
    }.ToFrozenDictionary(setting => setting.Name);

    /// <summary>Every setting, by name.</summary>
    public static IReadOnlyList<TopicSetting> All { get; } = [.. ByName.Values.OrderBy(setting => setting.Name, StringComparer.Ordinal)];

    public static TopicSetting? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Says what is wrong with a topic's own settings; null where nothing is.</summary>
    public static string? Fault(IReadOnlyDictionary<string, string> overrides)
    {
        foreach (var (name, value) in overrides)
        {
            if (Find(name) is not { } setting)
                return $"There is no topic setting called '{name}'.";
            if (setting.Fault(value) is { } fault)
                return fault;
        }

        return null;
    }

    /// <summary>What a topic's logs are held to.</summary>
    public static LogConfig Resolve(IReadOnlyDictionary<string, string> overrides, BrokerOptions options)
    {
        var policy = TopicSetting.SplitList(Text("cleanup.policy"));
        return new()
        {
            SegmentBytes = (int)Whole("segment.bytes"),
            SegmentAge = Duration("segment.ms") ?? TimeSpan.MaxValue,
            RetentionAge = Duration("retention.ms"),
            RetentionBytes = Whole("retention.bytes"),
            MessageBytesMax = (int)Whole("max.message.bytes"),
            Delete = policy.Contains("delete"),
            Compact = policy.Contains("compact"),
            LogAppendTime = Text("message.timestamp.type") == "LogAppendTime",
            TimestampAheadMax = Duration("message.timestamp.after.max.ms"),
            TimestampBehindMax = Duration("message.timestamp.before.max.ms"),
            DeleteRetention = Duration("delete.retention.ms") ?? TimeSpan.MaxValue,
            DirtyRatioMin = double.Parse(Text("min.cleanable.dirty.ratio"), CultureInfo.InvariantCulture),
            CompactionLagMin = Duration("min.compaction.lag.ms") ?? TimeSpan.MaxValue,
        };

        string Text(string name) => overrides.GetValueOrDefault(name) ?? ByName[name].Default(options);

        long Whole(string name) => long.Parse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        // −1 and anything beyond what a clock can count both mean: never.
        TimeSpan? Duration(string name) =>
            Whole(name) is var milliseconds && milliseconds >= 0 && milliseconds < (long)TimeSpan.FromDays(365 * 1000).TotalMilliseconds
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null;
    }

    private static TopicSetting Number(
        string name, string documentation, Func<BrokerOptions, long> value, long min, SettingType type = SettingType.Long, string? brokerName = null) =>
        new(name, type, documentation, options => value(options).ToString(CultureInfo.InvariantCulture)) { Min = min, BrokerName = brokerName };
}
