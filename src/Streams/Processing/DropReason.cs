namespace Streams.Processing;

/// <summary>Why a record was skipped.</summary>
internal enum DropReason
{
    /// <summary>It has no key where one is needed.</summary>
    NoKey,

    /// <summary>It has no value where one is needed.</summary>
    NoValue,

    /// <summary>It came after its window had closed, or after the retention of the store that it was for.</summary>
    Late,

    /// <summary>What it says is of an older version of its row than what is known: a table's history, or a foreign key that has changed since.</summary>
    Outdated,

    /// <summary>A timestamp extractor wanted it skipped.</summary>
    NoTime,

    /// <summary>A handler said to go on without it: its bytes could not be read.</summary>
    Unreadable,

    /// <summary>A handler said to go on without it: the code of a node failed on it.</summary>
    Failed,

    /// <summary>A handler said to go on without it: it could not be written, or Kafka refused it.</summary>
    Refused,
}
