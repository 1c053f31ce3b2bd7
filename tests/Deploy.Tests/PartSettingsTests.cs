using Deploy.Tests.Manifests;
using TestKit;
using YamlDotNet.RepresentationModel;

namespace Deploy.Tests;

/// <summary>Every part accepts what its manifest gives it: arguments, settings file and environment go through the part's own <c>--check</c>.</summary>
public sealed class PartSettingsTests
{
    private const string Image = "streams:";
    private const string SettingsFolder = "/etc/streams/";

    public static TheoryData<string> Parts => [.. Manifest.Workloads.Where(o => Container(o) is not null).Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_part_takes_its_settings_and_listens_where_its_pod_says(string part)
    {
        var workload = Manifest.Workloads.Single(o => o.Name == part);
        var container = Container(workload)!;
        using var folder = new TempDirectory();
        foreach (var (name, text) in workload.MountedConfigMaps.Single().Root.Pairs("data"))
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), text);

        var arguments = container.Items("args").Select(argument => $"{argument}".Replace(SettingsFolder, folder.Path + "/", StringComparison.Ordinal));
        var answer = await Commands.RunAsync("dotnet", [Repository.Program, .. arguments, "--check"], Environment(container));

        Assert.True(answer.ExitCode == 0, $"{workload}: {answer}");
        var settings = Yaml.Documents(answer.Output).Single().At(part);
        Assert.Contains(container.Items("ports"), port => port.Text("containerPort") == (settings.Text("port") ?? port.Text("containerPort")));
        Assert.NotEqual("127.0.0.1", settings.Text("host"));
        Assert.NotEqual("127.0.0.1", settings.Text("admin", "host"));
        Assert.Equal(settings.Text("admin", "port"), container.Items("ports").Single(port => port.Text("name") == "admin").Text("containerPort"));
        Assert.Equal(settings.Text("admin", "port"), workload.Root.Text("spec", "template", "metadata", "annotations", "prometheus.io/port"));
        if (settings.Text("dataDirectory") is { } data)
            Assert.Contains(container.Items("volumeMounts"), mount => mount.Text("mountPath") == data);
    }

    [Fact]
    public void The_image_has_the_version_that_is_built()
    {
        var version = Path.Combine(Repository.Root, "Directory.Build.props");

        Assert.All(
            Manifest.Workloads.Select(Container).OfType<YamlNode>(),
            container => Assert.Contains($"<Version>{container.Text("image")![Image.Length..]}</Version>", File.ReadAllText(version), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_would_be_noticed()
    {
        var answer = await Commands.RunAsync("dotnet", [Repository.Program, "gateway", "--set", "gateway.kafka.brokers=a:1", "--check"]);

        Assert.Equal(2, answer.ExitCode);
    }

    private static YamlNode? Container(Manifest workload) =>
        workload.Containers.SingleOrDefault(container => container.Text("image")!.StartsWith(Image, StringComparison.Ordinal));

    // A field of the pod stands for some name.
    private static Dictionary<string, string> Environment(YamlNode container) =>
        container.Items("env").ToDictionary(variable => variable.Text("name")!, variable => variable.Text("value") ?? "node-1");
}
