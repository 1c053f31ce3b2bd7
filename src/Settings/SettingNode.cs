namespace Settings;

/// <summary>A value as it was written, before anything knows its type. Every node remembers where it came from.</summary>
internal abstract record SettingNode(SettingOrigin Origin);

/// <summary>One value; null where it was left empty.</summary>
internal sealed record SettingValue(string? Text, SettingOrigin Origin) : SettingNode(Origin);

/// <summary>Values in order.</summary>
internal sealed record SettingList(IReadOnlyList<SettingNode> Items, SettingOrigin Origin) : SettingNode(Origin);

/// <summary>Named values. Letter case, hyphens and underscores do not tell names apart.</summary>
internal sealed record SettingSection(SettingOrigin Origin) : SettingNode(Origin)
{
    private readonly Dictionary<string, (string Name, SettingNode Node)> _entries = new(SettingName.Comparer);

    public IEnumerable<(string Name, SettingNode Node)> Entries => _entries.Values;

    public int Count => _entries.Count;

    public SettingNode? Find(string name) => _entries.TryGetValue(name, out var entry) ? entry.Node : null;

    public bool TryAdd(string name, SettingNode node) => _entries.TryAdd(name, (name, node));

    public void Set(string name, SettingNode node) => _entries[name] = (name, node);

    /// <summary>Lays <paramref name="over"/> on this section: sections merge, anything else is replaced whole.</summary>
    public void Overlay(SettingSection over)
    {
        foreach (var (name, node) in over.Entries)
        {
            if (node is SettingSection overSection && Find(name) is SettingSection mine)
                mine.Overlay(overSection);
            else
                Set(name, node);
        }
    }
}
