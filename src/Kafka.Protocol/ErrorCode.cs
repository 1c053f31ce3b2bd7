namespace Kafka.Protocol;

/// <summary>The error numbers of the Kafka protocol that this side of it sends or understands.</summary>
/// <remarks>Source: Kafka documentation, "Protocol Errors".</remarks>
public enum ErrorCode : short
{
    /// <summary>The server met something it had no number for.</summary>
    UnknownServerError = -1,

    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The offset lies outside the log.</summary>
    OffsetOutOfRange = 1,

    /// <summary>A checksum does not fit, or a batch cannot be read.</summary>
    CorruptMessage = 2,

    /// <summary>There is no such topic or partition here.</summary>
    UnknownTopicOrPartition = 3,

    /// <summary>A fetch size that cannot be.</summary>
    InvalidFetchSize = 4,

    /// <summary>The partition has no leader just now.</summary>
    LeaderNotAvailable = 5,

    /// <summary>Another node leads the partition.</summary>
    NotLeaderOrFollower = 6,

    /// <summary>The request ran into its own time-out.</summary>
    RequestTimedOut = 7,

    /// <summary>The node is not there.</summary>
    BrokerNotAvailable = 8,

    /// <summary>The replica is not there.</summary>
    ReplicaNotAvailable = 9,

    /// <summary>A batch is larger than its topic allows.</summary>
    MessageTooLarge = 10,

    /// <summary>The controller has moved.</summary>
    StaleControllerEpoch = 11,

    /// <summary>The text committed with an offset is too long.</summary>
    OffsetMetadataTooLarge = 12,

    /// <summary>The connection broke before an answer came.</summary>
    NetworkException = 13,

    /// <summary>The coordinator is still reading its state.</summary>
    CoordinatorLoadInProgress = 14,

    /// <summary>There is no coordinator just now.</summary>
    CoordinatorNotAvailable = 15,

    /// <summary>Another node coordinates this group or transaction.</summary>
    NotCoordinator = 16,

    /// <summary>The name is not one a topic may have.</summary>
    InvalidTopic = 17,

    /// <summary>The batch is larger than a segment.</summary>
    RecordListTooLarge = 18,

    /// <summary>Too few replicas are in sync.</summary>
    NotEnoughReplicas = 19,

    /// <summary>Written, but to too few replicas.</summary>
    NotEnoughReplicasAfterAppend = 20,

    /// <summary>acks is not -1, 0 or 1.</summary>
    InvalidRequiredAcks = 21,

    /// <summary>The group has moved on to another generation.</summary>
    IllegalGeneration = 22,

    /// <summary>The member's protocols have nothing in common with the group's.</summary>
    InconsistentGroupProtocol = 23,

    /// <summary>A group must have a name.</summary>
    InvalidGroupId = 24,

    /// <summary>The group does not know this member.</summary>
    UnknownMemberId = 25,

    /// <summary>The session time-out is outside what the coordinator accepts.</summary>
    InvalidSessionTimeout = 26,

    /// <summary>The group is rebalancing; join again.</summary>
    RebalanceInProgress = 27,

    /// <summary>The committed data is too large.</summary>
    InvalidCommitOffsetSize = 28,

    /// <summary>Not allowed on this topic.</summary>
    TopicAuthorizationFailed = 29,

    /// <summary>Not allowed on this group.</summary>
    GroupAuthorizationFailed = 30,

    /// <summary>Not allowed on the cluster.</summary>
    ClusterAuthorizationFailed = 31,

    /// <summary>A record's time is out of bounds.</summary>
    InvalidTimestamp = 32,

    /// <summary>The SASL mechanism is not offered.</summary>
    UnsupportedSaslMechanism = 33,

    /// <summary>SASL out of turn.</summary>
    IllegalSaslState = 34,

    /// <summary>The version of the API is not offered.</summary>
    UnsupportedVersion = 35,

    /// <summary>The topic is there already.</summary>
    TopicAlreadyExists = 36,

    /// <summary>A number of partitions that cannot be.</summary>
    InvalidPartitions = 37,

    /// <summary>A replication factor that cannot be.</summary>
    InvalidReplicationFactor = 38,

    /// <summary>An assignment of replicas that cannot be.</summary>
    InvalidReplicaAssignment = 39,

    /// <summary>A setting or its value is wrong.</summary>
    InvalidConfig = 40,

    /// <summary>Another node is the controller.</summary>
    NotController = 41,

    /// <summary>The request contradicts itself.</summary>
    InvalidRequest = 42,

    /// <summary>The format of the records does not allow this.</summary>
    UnsupportedForMessageFormat = 43,

    /// <summary>A policy forbids it.</summary>
    PolicyViolation = 44,

    /// <summary>A producer's batch is not the next one.</summary>
    OutOfOrderSequenceNumber = 45,

    /// <summary>A producer's batch is there already.</summary>
    DuplicateSequenceNumber = 46,

    /// <summary>A newer instance of the producer exists.</summary>
    InvalidProducerEpoch = 47,

    /// <summary>The transaction is in no state for this.</summary>
    InvalidTxnState = 48,

    /// <summary>The producer id does not belong to the transactional id.</summary>
    InvalidProducerIdMapping = 49,

    /// <summary>The transaction time-out is outside what the coordinator accepts.</summary>
    InvalidTransactionTimeout = 50,

    /// <summary>The previous transaction of this producer is not finished yet.</summary>
    ConcurrentTransactions = 51,

    /// <summary>The transaction coordinator has been replaced.</summary>
    TransactionCoordinatorFenced = 52,

    /// <summary>Not allowed on this transactional id.</summary>
    TransactionalIdAuthorizationFailed = 53,

    /// <summary>Security is switched off.</summary>
    SecurityDisabled = 54,

    /// <summary>Not tried, because another part of the request failed.</summary>
    OperationNotAttempted = 55,

    /// <summary>The disk failed.</summary>
    KafkaStorageError = 56,

    /// <summary>The log directory is not known.</summary>
    LogDirNotFound = 57,

    /// <summary>The credentials were refused.</summary>
    SaslAuthenticationFailed = 58,

    /// <summary>Nothing is known of this producer.</summary>
    UnknownProducerId = 59,

    /// <summary>The partition is being moved.</summary>
    ReassignmentInProgress = 60,

    /// <summary>The group has members.</summary>
    NonEmptyGroup = 68,

    /// <summary>There is no such group.</summary>
    GroupIdNotFound = 69,

    /// <summary>The fetch session is not known.</summary>
    FetchSessionIdNotFound = 70,

    /// <summary>The fetch session is at another epoch.</summary>
    InvalidFetchSessionEpoch = 71,

    /// <summary>The listener has no address on the leader.</summary>
    ListenerNotFound = 72,

    /// <summary>Topics may not be deleted here.</summary>
    TopicDeletionDisabled = 73,

    /// <summary>The client knows an older leader epoch.</summary>
    FencedLeaderEpoch = 74,

    /// <summary>The client knows a newer leader epoch.</summary>
    UnknownLeaderEpoch = 75,

    /// <summary>The codec is not allowed here.</summary>
    UnsupportedCompressionType = 76,

    /// <summary>The broker was restarted.</summary>
    StaleBrokerEpoch = 77,

    /// <summary>The leader cannot serve this offset yet.</summary>
    OffsetNotAvailable = 78,

    /// <summary>Join again with the member id in this answer.</summary>
    MemberIdRequired = 79,

    /// <summary>Preferred leaders are not available.</summary>
    PreferredLeaderNotAvailable = 80,

    /// <summary>The group is full.</summary>
    GroupMaxSizeReached = 81,

    /// <summary>Another member has taken over this static instance.</summary>
    FencedInstanceId = 82,

    /// <summary>No eligible leader.</summary>
    EligibleLeadersNotAvailable = 83,

    /// <summary>Nothing to elect.</summary>
    ElectionNotNeeded = 84,

    /// <summary>Nothing is being moved.</summary>
    NoReassignmentInProgress = 85,

    /// <summary>The group still reads this topic.</summary>
    GroupSubscribedToTopic = 86,

    /// <summary>A record breaks the broker's rules.</summary>
    InvalidRecord = 87,

    /// <summary>A transaction that has not ended holds newer offsets.</summary>
    UnstableOffsetCommit = 88,

    /// <summary>A quota is used up.</summary>
    ThrottlingQuotaExceeded = 89,

    /// <summary>A newer producer has the same transactional id.</summary>
    ProducerFenced = 90,

    /// <summary>There is no such thing.</summary>
    ResourceNotFound = 91,

    /// <summary>There is such a thing already.</summary>
    DuplicateResource = 92,

    /// <summary>The credential is out of bounds.</summary>
    UnacceptableCredential = 93,

    /// <summary>There is no topic of this id.</summary>
    UnknownTopicId = 100,

    /// <summary>The member's epoch is over.</summary>
    FencedMemberEpoch = 110,

    /// <summary>The instance id is in use.</summary>
    UnreleasedInstanceId = 111,

    /// <summary>The assignor is not offered.</summary>
    UnsupportedAssignor = 112,

    /// <summary>The member knows an older epoch.</summary>
    StaleMemberEpoch = 113,

    /// <summary>The endpoint is of a kind that is not offered.</summary>
    UnsupportedEndpointType = 115,

    /// <summary>The transaction cannot go on; abort it.</summary>
    TransactionAbortable = 120,

    /// <summary>The client should look up the cluster from its seeds again.</summary>
    RebootstrapRequired = 129,
}
