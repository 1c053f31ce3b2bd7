namespace Grpc.Core;

/// <summary>How a call ended. The numbers are the wire's.</summary>
/// <remarks>Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html</remarks>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled, usually by its caller.</summary>
    Cancelled = 1,

    /// <summary>An error that nobody named: a handler that threw, or a status from somewhere that has no better code.</summary>
    Unknown = 2,

    /// <summary>An argument is wrong whatever state the system is in.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first. The call may still have taken effect.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be created exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>Something ran out: a quota, a size limit, memory.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state this needs. Do not retry before that is fixed.</summary>
    FailedPrecondition = 9,

    /// <summary>Lost to a concurrent change. Retry at a higher level, such as a whole read-modify-write.</summary>
    Aborted = 10,

    /// <summary>Past the valid range, such as reading beyond the end of a file.</summary>
    OutOfRange = 11,

    /// <summary>The server does not have this method.</summary>
    Unimplemented = 12,

    /// <summary>An invariant broke: malformed messages, frames or protocol.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached right now. Usually worth a retry with backoff.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupt beyond recovery.</summary>
    DataLoss = 15,

    /// <summary>The caller did not show valid credentials.</summary>
    Unauthenticated = 16,
}
