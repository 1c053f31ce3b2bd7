using System.Net;
using System.Text.Json;

namespace Elasticsearch;

/// <summary>Answers that are none: what kind of refusal each is, in a message that says why.</summary>
internal static class Refusals
{
    public static ElasticsearchException From(HttpResponseMessage response, ReadOnlyMemory<byte> body, string asked, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        var (reason, isSentence) = Reason(body);
        return new(Kind(status), $"{asked} was answered {status} {response.StatusCode}{(reason.Length > 0 ? $": {reason}" : ".")}", status, RetryAfter(response, time))
        {
            // An endpoint that the server does not have is refused before anything of it runs: by a sentence in place of an error.
            IsUnknownEndpoint = response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented
                || (isSentence && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound),
        };
    }

    private static ElasticsearchErrorKind Kind(int status) => status switch
    {
        413 => ElasticsearchErrorKind.TooLarge,
        408 or 429 or (>= 500 and not 501) => ElasticsearchErrorKind.Unavailable,
        _ => ElasticsearchErrorKind.Refused,
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var after = response.Headers.RetryAfter;
        var pause = after?.Delta ?? after?.Date - time.GetUtcNow();
        return pause > TimeSpan.Zero ? pause : null;
    }

    private static (string Reason, bool IsSentence) Reason(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error))
                return (BulkAnswer.Reason(error), error.ValueKind == JsonValueKind.String);
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing: the status has to say it.
        }

        return ("", false);
    }
}
