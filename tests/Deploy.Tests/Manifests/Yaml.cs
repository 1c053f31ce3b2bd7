using YamlDotNet.RepresentationModel;

namespace Deploy.Tests.Manifests;

/// <summary>Short ways through a YAML tree. What is not there is null or empty.</summary>
internal static class Yaml
{
    extension(YamlNode? node)
    {
        /// <summary>The node under <paramref name="keys"/>, one level each.</summary>
        public YamlNode? At(params ReadOnlySpan<string> keys)
        {
            var at = node;
            foreach (var key in keys)
                at = at is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
            return at;
        }

        /// <summary>The text under <paramref name="keys"/>.</summary>
        public string? Text(params ReadOnlySpan<string> keys) => (node.At(keys) as YamlScalarNode)?.Value;

        /// <summary>The items of the list under <paramref name="keys"/>.</summary>
        public IReadOnlyList<YamlNode> Items(params ReadOnlySpan<string> keys) => node.At(keys) is YamlSequenceNode list ? [.. list] : [];

        /// <summary>The named texts under <paramref name="keys"/>, in the order of their names.</summary>
        public SortedDictionary<string, string> Pairs(params ReadOnlySpan<string> keys)
        {
            var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
            if (node.At(keys) is YamlMappingNode map)
            {
                foreach (var (name, value) in map)
                    pairs[((YamlScalarNode)name).Value!] = (value as YamlScalarNode)?.Value ?? "";
            }

            return pairs;
        }
    }

    /// <summary>The documents of <paramref name="text"/>.</summary>
    public static IEnumerable<YamlNode> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => document.RootNode);
    }
}
