namespace Kafka.Protocol;

/// <summary>The APIs of the Kafka protocol that there is code for.</summary>
public enum ApiKey : short
{
    /// <summary>Appends record batches.</summary>
    Produce = 0,

    /// <summary>Reads record batches, waiting for them if need be.</summary>
    Fetch = 1,

    /// <summary>Looks offsets up by time.</summary>
    ListOffsets = 2,

    /// <summary>Brokers, topics, partitions and their leaders.</summary>
    Metadata = 3,

    /// <summary>Stores a group's positions.</summary>
    OffsetCommit = 8,

    /// <summary>Reads a group's positions.</summary>
    OffsetFetch = 9,

    /// <summary>Finds the node that looks after a group or transaction.</summary>
    FindCoordinator = 10,

    /// <summary>Enters a group, or its next generation.</summary>
    JoinGroup = 11,

    /// <summary>Says that a member lives.</summary>
    Heartbeat = 12,

    /// <summary>Leaves a group.</summary>
    LeaveGroup = 13,

    /// <summary>Hands assignments out.</summary>
    SyncGroup = 14,

    /// <summary>Groups in detail.</summary>
    DescribeGroups = 15,

    /// <summary>All groups.</summary>
    ListGroups = 16,

    /// <summary>Picks a SASL mechanism.</summary>
    SaslHandshake = 17,

    /// <summary>Which APIs and versions the broker offers.</summary>
    ApiVersions = 18,

    /// <summary>Creates topics.</summary>
    CreateTopics = 19,

    /// <summary>Deletes topics.</summary>
    DeleteTopics = 20,

    /// <summary>Moves the start of logs.</summary>
    DeleteRecords = 21,

    /// <summary>Gives a producer its id and epoch.</summary>
    InitProducerId = 22,

    /// <summary>Where a leader epoch ended.</summary>
    OffsetForLeaderEpoch = 23,

    /// <summary>Adds partitions to a transaction.</summary>
    AddPartitionsToTxn = 24,

    /// <summary>Adds a group's positions to a transaction.</summary>
    AddOffsetsToTxn = 25,

    /// <summary>Commits or aborts a transaction.</summary>
    EndTxn = 26,

    /// <summary>Stores a group's positions in a transaction.</summary>
    TxnOffsetCommit = 28,

    /// <summary>Reads settings.</summary>
    DescribeConfigs = 32,

    /// <summary>Replaces settings.</summary>
    AlterConfigs = 33,

    /// <summary>One round of SASL.</summary>
    SaslAuthenticate = 36,

    /// <summary>Adds partitions to topics.</summary>
    CreatePartitions = 37,

    /// <summary>Deletes groups.</summary>
    DeleteGroups = 42,

    /// <summary>Changes single settings.</summary>
    IncrementalAlterConfigs = 44,

    /// <summary>Deletes positions of a group.</summary>
    OffsetDelete = 47,

    /// <summary>The brokers and the cluster's id.</summary>
    DescribeCluster = 60,
}
