using System.Text.RegularExpressions;
using Deploy.Tests.Manifests;

namespace Deploy.Tests;

/// <summary>What is written twice is written alike. <c>STREAMS_REWRITE=1</c> writes the second place instead of comparing.</summary>
public sealed partial class EmbeddedFilesTests
{
    // What the API server takes in an annotation, where client-side apply keeps a copy of the object.
    private const int ObjectBytesMax = 256 << 10;

    private static readonly bool IsRewriting = Environment.GetEnvironmentVariable("STREAMS_REWRITE") == "1";

    [Fact]
    public void Config_maps_hold_the_repositorys_files_and_pods_follow_their_config_maps()
    {
        foreach (var (name, expected) in EmbeddedFiles.Expected)
            Hold(Path.Combine(Repository.Kubernetes, name), expected);

        // Read only now: what was written above counts.
        foreach (var workload in Manifest.Workloads)
        {
            var maps = workload.MountedConfigMaps;
            if (maps.Count == 0)
                continue;

            var text = File.ReadAllText(workload.File);
            Assert.Single(Checksum().Matches(text));
            Hold(workload.File, Checksum().Replace(text, $"checksum/config: \"{ConfigChecksum.Of(maps)}\""));
        }
    }

    [Fact]
    public void No_object_is_too_large_for_client_side_apply() =>
        Assert.All(
            Directory.GetFiles(Repository.Kubernetes, "*-config.yaml"),
            file => Assert.InRange(new FileInfo(file).Length, 1, ObjectBytesMax * 3 / 4));

    [Fact]
    public void The_kustomization_lists_every_manifest()
    {
        var kustomization = Yaml.Documents(File.ReadAllText(Path.Combine(Repository.Kubernetes, "Kustomization"))).Single();

        Assert.Equal(
            Directory.GetFiles(Repository.Kubernetes, "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            kustomization.Items("resources").Select(item => item.ToString()));
    }

    private static void Hold(string file, string expected)
    {
        if (IsRewriting)
        {
            File.WriteAllText(file, expected);
            return;
        }

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == expected,
            $"{Path.GetFileName(file)} is not what the files it holds make of it. Write it anew: STREAMS_REWRITE=1 ./streams test Deploy.Tests");
    }

    [GeneratedRegex("checksum/config: \"[0-9a-f]*\"")]
    private static partial Regex Checksum();
}
