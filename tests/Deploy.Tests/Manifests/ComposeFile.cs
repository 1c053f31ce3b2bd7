using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Deploy.Tests.Manifests;

/// <summary>The services of <c>deploy/compose/compose.yaml</c>, with merged keys laid out and variables at their defaults.</summary>
internal static partial class ComposeFile
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "compose");

    private static YamlNode Root { get; } = Read();

    /// <summary>The services by name.</summary>
    public static IEnumerable<(string Name, YamlNode Service)> Services =>
        ((YamlMappingNode)Root.At("services")!).Select(entry => (((YamlScalarNode)entry.Key).Value!, entry.Value));

    /// <summary>The file that a service finds at <paramref name="target"/>; null where it mounts none there.</summary>
    public static string? Config(YamlNode service, string target) =>
        service.Items("configs").SingleOrDefault(config => config.Text("target") == target)?.Text("source") is { } source
            ? Path.Combine(Folder, Root.Text("configs", source, "file")!)
            : null;

    private static YamlNode Read()
    {
        var text = Variable().Replace(File.ReadAllText(Path.Combine(Folder, "compose.yaml")), variable => variable.Groups["default"].Value);
        // The representation model knows no "<<": values are read with it, and written without.
        var values = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(text))));
        return Yaml.Documents(new SerializerBuilder().DisableAliases().Build().Serialize(values)).Single();
    }

    [GeneratedRegex(@"\$\{\w+:-(?<default>[^}]*)\}")]
    private static partial Regex Variable();
}
