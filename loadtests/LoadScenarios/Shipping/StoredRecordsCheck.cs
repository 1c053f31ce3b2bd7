using System.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using LoadScenarios.Targets;
using Streams.Contracts.V1;

namespace LoadScenarios.Shipping;

/// <summary>Counts, through the monitor's own search, that every acknowledged record is stored, and stored once.</summary>
internal sealed class StoredRecordsCheck(LogQueries.LogQueriesClient logs, Target monitor, DateTimeOffset from, TimeSpan patience, TimeProvider time)
{
    // As many as the monitor gives at a time.
    private const uint PageRecords = 10_000;

    private static readonly TimeSpan _lookAgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits until the last acknowledged record of each agent is stored, or until nothing more of it is stored for a while.</summary>
    public async Task WaitAsync(IReadOnlyList<AgentLedger> agents, CancellationToken cancellation)
    {
        foreach (var agent in agents)
        {
            if (agent.Epochs is not [.., var last])
                continue;

            var reached = default((ulong, ulong));
            var progress = time.GetTimestamp();
            while (await NewestAsync(agent.NodeId, cancellation).ConfigureAwait(false) is var newest && newest.CompareTo((last.Epoch, last.Through)) < 0)
            {
                if (newest != reached)
                    (reached, progress) = (newest, time.GetTimestamp());
                if (time.GetElapsedTime(progress) > patience)
                    return;
                await Task.Delay(_lookAgainAfter, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Counts what is stored of the agents' acknowledged records: all that services called <see cref="SimulatedAgent.Service"/> logged, in one sweep.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="progress">Is told how many were found, page by page.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task<StoredRecords> CountAsync(IReadOnlyList<AgentLedger> agents, Action<long> progress, CancellationToken cancellation)
    {
        // A bit for each sequence: a run of an hour takes some ten megabytes.
        var acknowledged = 0L;
        var seen = new Dictionary<(string Node, ulong Epoch), BitArray>();
        foreach (var agent in agents)
        {
            foreach (var epoch in agent.Epochs)
            {
                acknowledged += epoch.Records;
                seen.Add((agent.NodeId, epoch.Epoch), new BitArray(checked((int)epoch.Through + 1)));
            }
        }

        var (stored, repeated) = (0L, 0L);
        var request = new SearchLogsRequest
        {
            Services = { SimulatedAgent.Service },
            From = Timestamp.FromDateTimeOffset(from),
            Limit = PageRecords,
            OldestFirst = true,
        };
        for (var inPage = PageRecords; inPage == PageRecords; progress(stored))
        {
            inPage = 0;
            using var call = logs.SearchLogs(request, monitor.Call(cancellation));
            while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
            {
                var found = call.ResponseStream.Current;
                inPage++;
                request.PageToken = found.PageToken;
                if (found.Record.Position is not { } position
                    || !seen.TryGetValue((found.Record.NodeId, position.Epoch), out var sequences)
                    || position.Sequence >= (ulong)sequences.Length)
                {
                    continue;
                }

                if (sequences[(int)position.Sequence])
                    repeated++;
                else
                    stored++;
                sequences[(int)position.Sequence] = true;
            }
        }

        return new StoredRecords(stored, Math.Max(0, acknowledged - stored), repeated);
    }

    private async Task<(ulong Epoch, ulong Sequence)> NewestAsync(string node, CancellationToken cancellation)
    {
        var newest = new SearchLogsRequest { NodeIds = { node }, From = Timestamp.FromDateTimeOffset(from), Limit = 1 };
        using var call = logs.SearchLogs(newest, monitor.Call(cancellation));
        return await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false) && call.ResponseStream.Current.Record.Position is { } position
            ? (position.Epoch, position.Sequence)
            : default;
    }
}

/// <summary>What the monitor holds of what was acknowledged.</summary>
/// <param name="Stored">Different ones that are there.</param>
/// <param name="Missing">Acknowledged ones that are not.</param>
/// <param name="Repeated">Ones that are there again.</param>
internal readonly record struct StoredRecords(long Stored, long Missing, long Repeated);
