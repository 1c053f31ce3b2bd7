using YamlDotNet.RepresentationModel;

namespace Deploy.Tests.Manifests;

/// <summary>One object of the manifests, and the file that it is written in.</summary>
internal sealed record Manifest(string File, YamlNode Root)
{
    /// <summary>Every object of <c>deploy/k8s</c> as it stands now, in the order in which kubectl sends them.</summary>
    public static IReadOnlyList<Manifest> All =>
    [
        .. Directory.GetFiles(Repository.Kubernetes, "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => Yaml.Documents(System.IO.File.ReadAllText(file)).Select(root => new Manifest(file, root))),
    ];

    public string Kind => Root.Text("kind") ?? "";

    public string Name => Root.Text("metadata", "name") ?? "";

    public string Namespace => Root.Text("metadata", "namespace") ?? "";

    /// <summary>The objects that run pods.</summary>
    public static IEnumerable<Manifest> Workloads => All.Where(o => o.Kind is "Deployment" or "StatefulSet" or "DaemonSet");

    /// <summary>A workload's containers, those that run first included.</summary>
    public IEnumerable<YamlNode> Containers =>
        [.. Root.Items("spec", "template", "spec", "initContainers"), .. Root.Items("spec", "template", "spec", "containers")];

    /// <summary>The ConfigMaps that a workload mounts.</summary>
    public IReadOnlyList<Manifest> MountedConfigMaps
    {
        get
        {
            var names = Root.Items("spec", "template", "spec", "volumes").Select(volume => volume.Text("configMap", "name")).ToHashSet();
            return [.. All.Where(o => o.Kind == "ConfigMap" && o.Namespace == Namespace && names.Contains(o.Name))];
        }
    }

    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
