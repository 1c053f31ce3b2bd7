using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Sorts librdkafka's errors by what to do about them.</summary>
/// <remarks>Codes: https://kafka.apache.org/protocol#protocol_error_codes; negative ones are librdkafka's own.</remarks>
internal static class KafkaErrors
{
    /// <summary>Our own code: the native library is not installed.</summary>
    public const int LibraryMissing = -10_001;

    /// <summary>Our own code: the client was closed before Kafka answered.</summary>
    public const int Closed = -10_002;

    /// <summary>Makes our exception of the library's.</summary>
    /// <param name="error">What the library said.</param>
    /// <param name="what">What failed, as the start of a sentence.</param>
    /// <param name="trouble">What is known besides, as sentences with a leading space.</param>
    /// <param name="inner">The library's exception.</param>
    public static KafkaException From(Rd.Error error, string what, string trouble = "", Exception? inner = null)
    {
        var kind = inner is Rd.KafkaTxnRequiresAbortException ? KafkaErrorKind.Abortable : KindOf(error);
        return new KafkaException(kind, (int)error.Code, $"{what}: {error.Reason.TrimEnd('.')}. {Advice(kind, error.Code)}{trouble}", inner);
    }

    /// <summary>What to do about an error.</summary>
    public static KafkaErrorKind KindOf(Rd.Error error) => error.Code switch
    {
        Rd.ErrorCode.ProducerFenced or Rd.ErrorCode.InvalidProducerEpoch or Rd.ErrorCode.Local_Fenced
            or Rd.ErrorCode.FencedInstanceId or Rd.ErrorCode.IllegalGeneration or Rd.ErrorCode.UnknownMemberId
            or Rd.ErrorCode.Local_AssignmentLost => KafkaErrorKind.Fenced,
        _ when error.IsFatal => KafkaErrorKind.Fatal,
        Rd.ErrorCode.Local_Fatal or Rd.ErrorCode.Local_GaplessGuarantee => KafkaErrorKind.Fatal,
        Rd.ErrorCode.Local_PurgeQueue or Rd.ErrorCode.Local_PurgeInflight or Rd.ErrorCode.TransactionCoordinatorFenced => KafkaErrorKind.Abortable,
        Rd.ErrorCode.Local_MsgTimedOut or Rd.ErrorCode.Local_TimedOut or Rd.ErrorCode.Local_TimedOutQueue
            or Rd.ErrorCode.Local_Transport or Rd.ErrorCode.Local_AllBrokersDown or Rd.ErrorCode.Local_Resolve
            or Rd.ErrorCode.Local_WaitCoord or Rd.ErrorCode.Local_QueueFull or Rd.ErrorCode.Local_Retry
            or Rd.ErrorCode.Local_InProgress or Rd.ErrorCode.Local_PrevInProgress or Rd.ErrorCode.Local_Destroy => KafkaErrorKind.Retriable,
        Rd.ErrorCode.LeaderNotAvailable or Rd.ErrorCode.NotLeaderForPartition or Rd.ErrorCode.RequestTimedOut
            or Rd.ErrorCode.BrokerNotAvailable or Rd.ErrorCode.ReplicaNotAvailable or Rd.ErrorCode.NetworkException
            or Rd.ErrorCode.GroupLoadInProgress or Rd.ErrorCode.GroupCoordinatorNotAvailable or Rd.ErrorCode.NotCoordinatorForGroup
            or Rd.ErrorCode.NotEnoughReplicas or Rd.ErrorCode.NotEnoughReplicasAfterAppend or Rd.ErrorCode.RebalanceInProgress
            or Rd.ErrorCode.NotController or Rd.ErrorCode.KafkaStorageError or Rd.ErrorCode.FencedLeaderEpoch
            or Rd.ErrorCode.UnknownLeaderEpoch or Rd.ErrorCode.ConcurrentTransactions or Rd.ErrorCode.OffsetNotAvailable
            or Rd.ErrorCode.PreferredLeaderNotAvailable or Rd.ErrorCode.ThrottlingQuotaExceeded
            or Rd.ErrorCode.UnstableOffsetCommit => KafkaErrorKind.Retriable,
        _ => KafkaErrorKind.Refused,
    };

    private static string Advice(KafkaErrorKind kind, Rd.ErrorCode code) => (kind, code) switch
    {
        (_, Rd.ErrorCode.MsgSizeTooLarge) => "The topic's max.message.bytes is smaller than the record or batch.",
        (_, Rd.ErrorCode.UnknownTopicOrPart or Rd.ErrorCode.Local_UnknownTopic or Rd.ErrorCode.Local_UnknownPartition) =>
            "Topics are not made on first use: create it, or check the name and the partition.",
        (_, Rd.ErrorCode.RebalanceInProgress) => "The group is rebalancing: poll, then try again.",
        (KafkaErrorKind.Retriable, _) => "This may pass by itself; trying again is safe.",
        (KafkaErrorKind.Fenced, _) => "Another instance has taken this one's place.",
        (KafkaErrorKind.Abortable, _) => "Abort the transaction; the producer works on after that.",
        (KafkaErrorKind.Fatal, _) => "The client must be made anew.",
        _ => "Kafka will not accept it as it is.",
    };
}
