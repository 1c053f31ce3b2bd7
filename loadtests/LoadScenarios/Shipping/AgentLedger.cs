namespace LoadScenarios.Shipping;

/// <summary>What one agent was told is kept: per epoch, how far it was acknowledged and how many records on the way were refused.</summary>
/// <remarks>A stream is an epoch, and acknowledgements are cumulative, so one number an epoch says it all.</remarks>
internal sealed class AgentLedger(string nodeId)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, (ulong Through, long Rejected)> _epochs = [];

    public string NodeId => nodeId;

    /// <summary>A copy, oldest epoch first; those in which nothing was acknowledged are left out.</summary>
    public IReadOnlyList<AcknowledgedEpoch> Epochs
    {
        get
        {
            lock (_lock)
                return [.. _epochs.Select(epoch => new AcknowledgedEpoch(epoch.Key, epoch.Value.Through, epoch.Value.Rejected))];
        }
    }

    public void Acknowledge(ulong epoch, ulong through, int rejected)
    {
        lock (_lock)
        {
            var before = _epochs.GetValueOrDefault(epoch);
            _epochs[epoch] = (through, before.Rejected + rejected);
        }
    }
}

/// <summary>What was acknowledged of an epoch: sequences 1 to <paramref name="Through"/>, but for those refused.</summary>
internal readonly record struct AcknowledgedEpoch(ulong Epoch, ulong Through, long Rejected)
{
    public long Records => (long)Through - Rejected;
}
