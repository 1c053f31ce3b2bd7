namespace Elasticsearch;

/// <summary>What kind of refusal it was: what to do about it follows from that.</summary>
public enum ElasticsearchErrorKind
{
    /// <summary>No answer, half an answer, no sensible answer, or one that says "not now" (429, 5xx). Trying again helps.</summary>
    Unavailable,

    /// <summary>The request is larger than the server takes (413). Less of it may be taken.</summary>
    TooLarge,

    /// <summary>The answer is larger than was asked for. Asking for less helps.</summary>
    AnswerTooLarge,

    /// <summary>The server understood and will not: bad credentials, no rights, a body it cannot read. Somebody has to change something.</summary>
    Refused,
}

/// <summary>Elasticsearch did not do what it was asked to.</summary>
public sealed class ElasticsearchException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="kind">What kind of refusal it was.</param>
    /// <param name="message">What was asked of which server, and what came of it.</param>
    /// <param name="status">The HTTP status, where there was an answer; 0 where not.</param>
    /// <param name="retryAfter">How long the server asks to be left alone.</param>
    /// <param name="inner">What led to it.</param>
    public ElasticsearchException(ElasticsearchErrorKind kind, string message, int status = 0, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(message, inner) =>
        (Kind, Status, RetryAfter) = (kind, status, retryAfter);

    /// <summary>What kind of refusal it was.</summary>
    public ElasticsearchErrorKind Kind { get; }

    /// <summary>The HTTP status; 0 where there was no answer.</summary>
    public int Status { get; }

    /// <summary>How long the server asks to be left alone; null where it does not.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the server answered that it knows no such thing as was asked for: the feature is absent, not the permission.</summary>
    public bool IsUnknownEndpoint { get; internal init; }
}
