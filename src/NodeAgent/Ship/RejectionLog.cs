using Microsoft.Extensions.Logging;
using Streams.Contracts.V1;

namespace NodeAgent.Ship;

/// <summary>Says once per reason that a gateway refuses records for good; each is counted all the same.</summary>
internal sealed partial class RejectionLog(ILogger logger)
{
    /// <summary>Reasons remembered; further ones are only counted.</summary>
    private const int ReasonsMax = 64;

    private readonly HashSet<string> _reasons = [];

    public void Note(Rejection rejection)
    {
        if (_reasons.Count < ReasonsMax && _reasons.Add(rejection.Reason))
            Rejected(rejection.Sequence, rejection.Reason);
    }

    [LoggerMessage(40, LogLevel.Warning, "The gateway refused record {Sequence} for good: {Reason} Further ones refused for this are only counted.")]
    private partial void Rejected(ulong sequence, string reason);
}
