using System.Collections.Frozen;

namespace Kafka.Protocol;

/// <summary>The APIs and versions our broker offers: the one table that ApiVersions answers from and requests are judged by.</summary>
/// <remarks>
/// Offering more is not kinder. Topic ids (Metadata 10, Produce and Fetch 13) come all together or not at all: a client that learns an id
/// from Metadata uses it in Fetch. Transactions' second version (Produce 12, EndTxn 5, TxnOffsetCommit 5, AddPartitionsToTxn 4) needs a
/// broker that takes part. Offering less is worse: librdkafka before 2.11 switches whole features off, silently, where its own range and
/// the broker's do not meet (compression without Produce 0, groups without JoinGroup 0, SASL without SaslHandshake 0).
/// </remarks>
public static class OfferedApis
{
    private static readonly FrozenDictionary<ApiKey, OfferedVersions> ByKey = new OfferedVersions[]
    {
        new(ApiKey.Produce, 0, 9, AcceptedMin: 3), // 0 to 2 carry the old record formats; they are listed for librdkafka's sake
        new(ApiKey.Fetch, 4, 12),
        new(ApiKey.ListOffsets, 1, 7),
        new(ApiKey.Metadata, 0, 9),
        new(ApiKey.OffsetCommit, 2, 8),
        new(ApiKey.OffsetFetch, 1, 8),
        new(ApiKey.FindCoordinator, 0, 4),
        new(ApiKey.JoinGroup, 0, 9),
        new(ApiKey.Heartbeat, 0, 4),
        new(ApiKey.LeaveGroup, 0, 4),
        new(ApiKey.SyncGroup, 0, 5),
        new(ApiKey.DescribeGroups, 0, 5),
        new(ApiKey.ListGroups, 0, 4),
        new(ApiKey.SaslHandshake, 0, 1),
        new(ApiKey.ApiVersions, 0, 4),
        new(ApiKey.CreateTopics, 2, 7),
        new(ApiKey.DeleteTopics, 1, 6),
        new(ApiKey.DeleteRecords, 0, 2),
        new(ApiKey.InitProducerId, 0, 4),
        new(ApiKey.OffsetForLeaderEpoch, 2, 4),
        new(ApiKey.AddPartitionsToTxn, 0, 3),
        new(ApiKey.AddOffsetsToTxn, 0, 3),
        new(ApiKey.EndTxn, 0, 3),
        new(ApiKey.TxnOffsetCommit, 0, 3),
        new(ApiKey.DescribeConfigs, 1, 4),
        new(ApiKey.AlterConfigs, 0, 2),
        new(ApiKey.SaslAuthenticate, 0, 2),
        new(ApiKey.CreatePartitions, 0, 3),
        new(ApiKey.DeleteGroups, 0, 2),
        new(ApiKey.IncrementalAlterConfigs, 0, 1),
        new(ApiKey.OffsetDelete, 0, 0),
        new(ApiKey.DescribeCluster, 0, 1),
    }.ToFrozenDictionary(offered => offered.Api);

    /// <summary>The whole table, by key.</summary>
    public static IReadOnlyList<OfferedVersions> All { get; } = [.. ByKey.Values.OrderBy(offered => offered.Api)];

    /// <summary>Whether a request of this API and version is one the broker answers.</summary>
    public static bool Accepts(ApiKey api, short version) =>
        ByKey.TryGetValue(api, out var offered) && version >= offered.AcceptedMin && version <= offered.Max;

    /// <summary>Looks up one API's versions.</summary>
    public static bool TryGet(ApiKey api, out OfferedVersions offered) => ByKey.TryGetValue(api, out offered);
}

/// <summary>The versions of one API that the broker offers.</summary>
/// <param name="Api">The API.</param>
/// <param name="Min">The lowest version listed.</param>
/// <param name="Max">The highest version listed and answered.</param>
/// <param name="AcceptedMin">The lowest version answered.</param>
public readonly record struct OfferedVersions(ApiKey Api, short Min, short Max, short AcceptedMin)
{
    /// <summary>Versions that are all answered.</summary>
    public OfferedVersions(ApiKey api, short min, short max)
        : this(api, min, max, min)
    {
    }
}
