namespace LoadTesting;

/// <summary>How one invocation of a scenario, or one step of it, ended.</summary>
public class Response
{
    /// <summary>The status of an answer that has no other.</summary>
    public const string OkStatus = "ok";

    /// <summary>The status of a failure that has no other.</summary>
    public const string ErrorStatus = "error";

    private static readonly Response _ok = new(isError: false, OkStatus, "", 0);

    private protected Response(bool isError, string statusCode, string message, long sizeBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(statusCode);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        (IsError, StatusCode, Message, SizeBytes) = (isError, statusCode, message, sizeBytes);
    }

    /// <summary>True where it counts among the failures.</summary>
    public bool IsError { get; }

    /// <summary>What it is counted under: a gRPC status, an HTTP status, a word. Few different ones: no identifiers.</summary>
    public string StatusCode { get; }

    /// <summary>For the reader of a report; of failures one example a status is kept.</summary>
    public string Message { get; }

    /// <summary>Bytes that were transferred; 0 where nobody counts them.</summary>
    public long SizeBytes { get; }

    /// <summary>It went well.</summary>
    public static Response Ok(string statusCode = OkStatus, string message = "", long sizeBytes = 0) =>
        (statusCode, message, sizeBytes) is (OkStatus, "", 0) ? _ok : new(isError: false, statusCode, message, sizeBytes);

    /// <summary>It went well and brought something that the next step needs.</summary>
    public static Response<T> Ok<T>(T payload, string statusCode = OkStatus, string message = "", long sizeBytes = 0) =>
        new(payload, isError: false, statusCode, message, sizeBytes);

    /// <summary>It failed.</summary>
    public static Response Fail(string statusCode = ErrorStatus, string message = "", long sizeBytes = 0) =>
        new(isError: true, statusCode, message, sizeBytes);

    /// <summary>It failed, where success would have brought something.</summary>
    public static Response<T> Fail<T>(string statusCode = ErrorStatus, string message = "", long sizeBytes = 0) =>
        new(default, isError: true, statusCode, message, sizeBytes);

    /// <summary>What an exception is counted as: its type's name, <c>timeout</c> or <c>cancelled</c>.</summary>
    internal static Response OfException(Exception exception) => Fail(
        exception switch
        {
            TimeoutException => "timeout",
            OperationCanceledException => "cancelled",
            _ => exception.GetType().Name,
        },
        exception.Message);
}

/// <summary>A response that brings something.</summary>
/// <typeparam name="T">What it brings.</typeparam>
public sealed class Response<T> : Response
{
    internal Response(T? payload, bool isError, string statusCode, string message, long sizeBytes)
        : base(isError, statusCode, message, sizeBytes) => Payload = payload;

    /// <summary>What it brings; the type's default where it is a failure.</summary>
    public T? Payload { get; }
}
