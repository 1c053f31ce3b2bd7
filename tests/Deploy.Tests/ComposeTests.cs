using Deploy.Tests.Manifests;
using YamlDotNet.RepresentationModel;

namespace Deploy.Tests;

/// <summary>Every part accepts what the Compose file gives it, and what runs there is what runs on Kubernetes.</summary>
public sealed class ComposeTests
{
    private const string Settings = "/etc/streams/streams.yaml";

    public static TheoryData<string> Parts => [.. ComposeFile.Services.Where(s => IsPart(s.Service)).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_part_takes_its_settings(string part)
    {
        var service = ComposeFile.Services.Single(s => s.Name == part).Service;
        var arguments = service.Items("command").Select(word => $"{word}" == Settings ? ComposeFile.Config(service, Settings)! : $"{word}");

        var answer = await Commands.RunAsync("dotnet", [Repository.Program, .. arguments, "--check"], service.Pairs("environment"));

        Assert.True(answer.ExitCode == 0, $"{part}: {answer}");
    }

    [Fact]
    public void Images_are_those_of_the_manifests()
    {
        var onKubernetes = Manifest.Workloads.SelectMany(o => o.Containers).Select(container => container.Text("image")).ToHashSet();

        Assert.All(ComposeFile.Services, service => Assert.Contains(service.Service.Text("image"), onKubernetes));
    }

    [Fact]
    public void The_shop_is_there()
    {
        string[] shop = ["inventory", "order", "payment"];

        Assert.Equal(
            shop,
            ComposeFile.Services.Where(s => s.Service.Items("command") is [YamlScalarNode { Value: "service" }, ..]).Select(s => s.Name).Order());
    }

    private static bool IsPart(YamlNode service) => service.Text("image")!.StartsWith("streams:", StringComparison.Ordinal);
}
