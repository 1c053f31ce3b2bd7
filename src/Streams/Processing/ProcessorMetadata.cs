namespace Streams.Processing;

/// <summary>
/// Times that a task's processors want to have again after a restart, by a key of their own: kept beside the committed offsets. Kafka Streams'
/// <c>ProcessorMetadata</c>.
/// </summary>
/// <remarks>Times only go on: every offset that the task commits carries them all, and the greatest is the latest.</remarks>
internal sealed class ProcessorMetadata
{
    private readonly Dictionary<string, long> _entries = [];

    public IReadOnlyDictionary<string, long> Entries => _entries;

    /// <summary>The time of a key; <see cref="TaskContext.NoTimestamp"/> where there is none.</summary>
    public long this[string key] => _entries.GetValueOrDefault(key, TaskContext.NoTimestamp);

    /// <summary>Sets a key's time, unless it has a later one.</summary>
    public void Raise(string key, long time)
    {
        if (!_entries.TryGetValue(key, out var known) || known < time)
            _entries[key] = time;
    }
}
