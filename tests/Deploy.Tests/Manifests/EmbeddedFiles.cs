using System.Text;

namespace Deploy.Tests.Manifests;

/// <summary>ConfigMaps that hold files of the repository: what their manifests must say.</summary>
/// <remarks>
/// <c>kubectl apply -f</c> knows plain objects only, and <c>-k</c> reads no file outside its own folder: so the files stand in
/// the manifests as they are, written by this class and held to the files by a test.
/// </remarks>
internal static class EmbeddedFiles
{
    /// <summary>Each manifest and the text it must have.</summary>
    public static IReadOnlyDictionary<string, string> Expected { get; } = new Dictionary<string, string>
    {
        ["41-fluentd-config.yaml"] = Text(Map("fluentd-config", "fluentd", ("fluent.conf", "fluentd/files.conf"))),
        ["81-prometheus-config.yaml"] = Text(Map(
            "prometheus-config", "prometheus", ("prometheus.yml", "deploy/prometheus/kubernetes.yml"), ("rules.yml", "deploy/prometheus/rules.yml"))),
        ["86-grafana-config.yaml"] = Text(
            Map("grafana-datasources", "grafana", [.. In("deploy/grafana/provisioning/datasources", "*.yaml")]),
            Map("grafana-providers", "grafana", [.. In("deploy/grafana/provisioning/dashboards", "*.yaml")]),
            Map("grafana-dashboards", "grafana", [.. In("deploy/grafana/dashboards", "*.json")])),
    };

    private static (string Key, string File)[] In(string folder, string pattern) =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), Path.GetRelativePath(Repository.Root, file))),
    ];

    private static string Text(params string[] maps) =>
        "# Written from the files that are named below. Change those, then write this anew: STREAMS_REWRITE=1 ./streams test Deploy.Tests\n"
        + string.Join("---\n", maps);

    private static string Map(string name, string app, params (string Key, string File)[] files)
    {
        var text = new StringBuilder($"""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: {name}
              namespace: streams
              labels: {"{"}app.kubernetes.io/name: {app}, app.kubernetes.io/part-of: streams{"}"}

            """);
        text.Append("data:\n");
        foreach (var (key, file) in files)
        {
            text.Append($"  # {file}\n  {key}: |\n");
            var content = File.ReadAllText(Path.Combine(Repository.Root, file)).TrimEnd('\n');
            foreach (var line in content.Split('\n'))
                text.Append(line.Length == 0 ? "\n" : $"    {line}\n");
        }

        return text.ToString();
    }
}
