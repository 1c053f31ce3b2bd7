using Monitor.State;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Passes each record once, however often its sender sent it.</summary>
/// <remarks>
/// Histories are written to their store once a commit, not once a record: <see cref="BeforeCommit"/> says when. Until then they live here,
/// one for each sender heard since the last commit.
/// </remarks>
internal sealed class DedupProcessor<T>(string storeName, string commitName, Func<T, Position?> position, DedupMetrics metrics)
    : Processor<string, T, string, T>
{
    private readonly Dictionary<string, SenderHistory> _changed = [];
    private IKeyValueStore<string, SeenRecords> _store = null!;
    private ulong _repeated;
    private ulong _missing;
    private ulong _recovered;

    public override void Init()
    {
        _store = Context.GetStateStore<IKeyValueStore<string, SeenRecords>>(storeName);
        Context.GetStateStore<BeforeCommit>(commitName).Do(Write);
    }

    public override void Process(in Record<string, T> record)
    {
        // A sender that cannot number its records sends at least once, and its records are told apart by their offsets.
        if (!record.HasKey || !record.HasValue || position(record.Value) is not { Sequence: > 0 } at)
        {
            Context.Forward(in record);
            return;
        }

        var source = Context.RecordMetadata!.Value;
        if (!_changed.TryGetValue(record.Key, out var history))
        {
            history = _store.TryGet(record.Key, out var kept) ? new(kept) : new();
            _changed.Add(record.Key, history);
        }

        var sighting = history.See(at.Epoch, at.Sequence, source.Partition, source.Offset);
        _missing += sighting.Missing;
        if (sighting.Kind == SightingKind.Late)
            _recovered++;
        if (sighting.Kind == SightingKind.Repeated)
            _repeated++;
        else
            Context.Forward(in record);
    }

    private void Write()
    {
        foreach (var (sender, history) in _changed)
            _store.Put(sender, history.Keep());
        _changed.Clear();

        metrics.Seen(_repeated, _missing, _recovered);
        (_repeated, _missing, _recovered) = (0, 0, 0);
    }
}
