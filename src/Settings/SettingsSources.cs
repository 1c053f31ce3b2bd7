using System.Collections;

namespace Settings;

/// <summary>Where settings come from, in the order in which they win: file, then environment, then flags.</summary>
public sealed class SettingsSources
{
    /// <summary>What the names of environment variables start with.</summary>
    public const string EnvironmentPrefix = "STREAMS__";

    /// <summary>A YAML or JSON file; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Environment variables. Those that start with <see cref="EnvironmentPrefix"/> are settings: <c>STREAMS__Gateway__Port</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Flags, in the order typed.</summary>
    public IReadOnlyList<SettingFlag> Flags { get; init; } = [];

    /// <summary>The environment of this process, as <see cref="Environment"/> wants it.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment() =>
        System.Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(entry => ((string)entry.Key).StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>All sources laid over each other.</summary>
    internal SettingSection Merge()
    {
        var settings = File is null ? new SettingSection(new SettingOrigin("settings")) : SettingsFile.Read(File);
        settings.Overlay(FromEnvironment());
        settings.Overlay(FromFlags());
        return settings;
    }

    private SettingSection FromEnvironment()
    {
        var settings = new SettingSection(new SettingOrigin("environment"));

        // In name order, so that the message of a clash does not depend on the environment's order.
        foreach (var (name, value) in Environment.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
                continue;

            var origin = new SettingOrigin($"environment variable {name}");
            var path = name[EnvironmentPrefix.Length..].Split("__");
            Parent(settings, path, origin).Set(path[^1], new SettingValue(value, origin));
        }

        return settings;
    }

    private SettingSection FromFlags()
    {
        var settings = new SettingSection(new SettingOrigin("flags"));
        foreach (var (key, value, flag) in Flags)
        {
            var origin = new SettingOrigin($"flag {flag}");
            var path = key.Split('.');
            var section = Parent(settings, path, origin);
            var node = new SettingValue(value, origin);
            section.Set(path[^1], section.Find(path[^1]) switch
            {
                null => node,
                SettingList list => new SettingList([.. list.Items, node], origin),
                var first => new SettingList([first, node], origin),
            });
        }

        return settings;
    }

    private static SettingSection Parent(SettingSection root, string[] path, SettingOrigin origin)
    {
        var section = root;
        foreach (var name in path.AsSpan(0, path.Length - 1))
        {
            if (section.Find(name) is not SettingSection child)
                section.Set(name, child = new SettingSection(origin));
            section = child;
        }

        return section;
    }
}
