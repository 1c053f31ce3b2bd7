using Deploy.Tests.Manifests;
using YamlDotNet.RepresentationModel;

namespace Deploy.Tests;

/// <summary>Gateways forward to the Fluentd that stands beside them.</summary>
public sealed class FluentdTests
{
    [Fact]
    public void On_Kubernetes_the_gateway_knows_Fluentds_service_and_port_and_policies_let_it_through()
    {
        var server = Server(Manifest.All.Single(o => o.Name == "gateway-config").Root.Pairs("data")["streams.yaml"]);
        var service = Manifest.All.Single(o => o.Kind == "Service" && $"{o.Name}.{o.Namespace}.svc.cluster.local" == server.Host);
        var port = service.Root.Items("spec", "ports").Single(p => p.Text("port") == server.Port);
        var container = Manifest.Workloads.Single(o => o.Name == "fluentd").Containers.Single(c => c.Text("name") == "fluentd");
        var listening = container.Items("ports").Single(p => p.Text("name") == port.Text("targetPort")).Text("containerPort");

        Assert.Contains($"port {listening}", Manifest.All.Single(o => o.Name == "fluentd-config").Root.Pairs("data")["fluent.conf"], StringComparison.Ordinal);
        Assert.Contains(Policy("gateway").Items("spec", "egress"), rule => Names(rule, "to", "fluentd") && Ports(rule, listening!));
        Assert.Contains(Policy("fluentd").Items("spec", "ingress"), rule => Names(rule, "from", "gateway") && Ports(rule, port.Text("targetPort")!));
    }

    [Fact]
    public void In_Compose_the_gateway_knows_Fluentds_name_and_port()
    {
        var server = Server(File.ReadAllText(Path.Combine(ComposeFile.Folder, "streams.yaml")));
        var service = ComposeFile.Services.Single(s => s.Name == server.Host).Service;

        Assert.Contains(service.Items("expose"), port => $"{port}" == server.Port);
        Assert.Contains($"port {server.Port}", File.ReadAllText(ComposeFile.Config(service, "/configuration/fluent.conf")!), StringComparison.Ordinal);
    }

    private static (string Host, string Port) Server(string settings)
    {
        var parts = Yaml.Documents(settings).Single().Text("gateway", "fluentd", "server")!.Split(':');
        return (parts[0], parts[1]);
    }

    private static YamlNode Policy(string name) => Manifest.All.Single(o => o.Kind == "NetworkPolicy" && o.Namespace == "streams" && o.Name == name).Root;

    private static bool Names(YamlNode rule, string direction, string part) =>
        rule.Items(direction).Any(peer => peer.Text("podSelector", "matchLabels", "app.kubernetes.io/name") == part);

    private static bool Ports(YamlNode rule, string port) => rule.Items("ports").Any(p => p.Text("port") == port);
}
