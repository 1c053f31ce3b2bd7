using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Settings;

/// <summary>Turns YAML into setting nodes.</summary>
internal static class YamlSettings
{
    public static SettingSection Read(byte[] bytes, string path)
    {
        var yaml = new YamlStream();
        try
        {
            using var text = new StreamReader(new MemoryStream(bytes));
            yaml.Load(text);
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            // The scanner answers some broken flow sections with InvalidOperationException, and then knows no line.
            var origin = new SettingOrigin(path, e is YamlException yamlError ? (int)yamlError.Start.Line : null);
            throw new SetupException($"{origin}: this is not YAML: {SettingsFile.OneLine(e.Message)}", e);
        }

        if (yaml.Documents.Count == 0)
            return new SettingSection(new SettingOrigin(path));
        if (yaml.Documents.Count > 1)
            throw new SetupException($"{path} holds {yaml.Documents.Count} YAML documents; a settings file has one.");

        var nodes = 0;
        return Convert(yaml.Documents[0].RootNode, 0) as SettingSection
            ?? throw new SetupException($"{path} must hold named settings ('key: value' lines).");

        SettingNode Convert(YamlNode node, int depth)
        {
            var origin = new SettingOrigin(path, (int)node.Start.Line);
            if (++nodes > SettingsFile.NodesMax || depth > SettingsFile.DepthMax)
                throw new SetupException($"{origin}: too many settings (at most {SettingsFile.NodesMax:N0}, {SettingsFile.DepthMax} deep).");

            switch (node)
            {
                case YamlMappingNode mapping:
                    var section = new SettingSection(origin);
                    foreach (var (key, value) in mapping)
                        AddTo(section, (key as YamlScalarNode)?.Value ?? "", Convert(value, depth + 1), (int)key.Start.Line);
                    return section;
                case YamlSequenceNode sequence:
                    return new SettingList([.. sequence.Select(item => Convert(item, depth + 1))], origin);
                case YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" }:
                    return new SettingValue(null, origin);
                case YamlScalarNode scalar:
                    return new SettingValue(scalar.Value, origin);
                default:
                    throw new SetupException($"{origin}: {node.NodeType} is not a setting.");
            }
        }

        void AddTo(SettingSection section, string name, SettingNode node, int line)
        {
            if (!section.TryAdd(name, node))
                throw new SetupException($"{new SettingOrigin(path, line)}: '{name}' is set twice in the same section.");
        }
    }
}
