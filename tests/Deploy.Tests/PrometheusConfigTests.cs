using Deploy.Tests.Manifests;
using TestKit;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Deploy.Tests;

/// <summary>The scrape configurations before Prometheus' own checker.</summary>
public sealed class PrometheusConfigTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "prometheus");

    [SkippableTheory]
    [InlineData("prometheus.yml")]
    [InlineData("compose.yml")]
    [InlineData("kubernetes.yml")]
    public async Task Promtool_finds_no_fault_in_a_configuration(string name)
    {
        Skip.IfNot(await HasPromtoolAsync(), "no promtool (Debian: prometheus)");
        using var folder = new TempDirectory();
        var config = (YamlMappingNode)Yaml.Documents(await File.ReadAllTextAsync(Path.Combine(Folder, name))).Single();

        // Where it runs, the rules lie beside it.
        config.Children[new YamlScalarNode("rule_files")] = new YamlSequenceNode(new YamlScalarNode(Path.Combine(Folder, "rules.yml")));

        // Debian builds promtool without this way of finding targets: what is left of the job is checked, and the block itself in the test below.
        foreach (var job in config.Items("scrape_configs").Cast<YamlMappingNode>())
            job.Children.Remove(new YamlScalarNode("kubernetes_sd_configs"));
        var file = Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(file, new SerializerBuilder().Build().Serialize(config));

        var answer = await Commands.RunAsync("promtool", ["check", "config", file]);

        Assert.True(answer.ExitCode == 0, $"{answer}");
    }

    [Fact]
    public void In_the_cluster_the_pods_of_both_namespaces_are_looked_for()
    {
        var jobs = Yaml.Documents(File.ReadAllText(Path.Combine(Folder, "kubernetes.yml"))).Single().Items("scrape_configs");
        var looks = Assert.Single(jobs).Items("kubernetes_sd_configs");

        var look = Assert.IsType<YamlMappingNode>(Assert.Single(looks));
        Assert.Equal(["namespaces", "role"], look.Children.Keys.Select(key => $"{key}").Order(StringComparer.Ordinal));
        Assert.Equal("pod", look.Text("role"));
        Assert.Equal(["streams", "streams-agents"], look.Items("namespaces", "names").Select(name => $"{name}"));
    }

    [Fact]
    public void In_compose_every_target_is_a_service_and_every_part_is_a_target()
    {
        var targets = Yaml.Documents(File.ReadAllText(Path.Combine(Folder, "compose.yml"))).Single().Items("scrape_configs")
            .SelectMany(job => job.Items("static_configs")).SelectMany(group => group.Items("targets")).Select(target => $"{target}".Split(':')[0]).ToList();

        Assert.Subset(ComposeFile.Services.Select(service => service.Name).ToHashSet(), targets.ToHashSet());
        Assert.Superset(new HashSet<string> { "gateway", "monitor", "agent", "console", "fluentd" }, targets.ToHashSet());
    }

    private static async Task<bool> HasPromtoolAsync() =>
        (await Commands.RunAsync("/bin/sh", ["-c", "command -v promtool"])).ExitCode == 0;
}
