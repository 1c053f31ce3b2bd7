using System.Text.Json;
using Deploy.Tests.Manifests;

namespace Deploy.Tests;

/// <summary>The manifests before a real API server, with its controllers and scheduler.</summary>
public sealed class ControlPlaneTests
{
    [SkippableFact]
    public async Task Applied_with_f_everything_rolls_out_and_applying_again_either_way_changes_nothing()
    {
        await using var cluster = await AppliedAsync("-f");
        var before = await GenerationsAsync(cluster);

        foreach (var way in (string[])["-f", "-k"])
        {
            await cluster.KubectlAsync("diff", way, Repository.Kubernetes);
            await cluster.KubectlAsync("apply", way, Repository.Kubernetes);
        }

        Assert.Equal(before, await GenerationsAsync(cluster));
    }

    [SkippableFact]
    public async Task Applied_with_k_everything_rolls_out_and_a_node_is_drained_only_as_far_as_the_budgets_allow()
    {
        await using var cluster = await AppliedAsync("-k");
        var node = (await cluster.GetAsync("-n", "streams", "pod", "kafka-0")).GetProperty("spec").GetProperty("nodeName").GetString()!;
        string[] drain = ["drain", node, "--ignore-daemonsets", "--delete-emptydir-data"];

        // One broker is away already: with a second, records could not be acknowledged.
        await cluster.KubectlAsync("-n", "streams", "annotate", "pod", "kafka-1", "pretend.local/ready=false");
        await cluster.KubectlAsync("-n", "streams", "wait", "--for=condition=Ready=false", "pod/kafka-1", "--timeout=60s");
        var refused = await cluster.TryKubectlAsync([.. drain, "--timeout=10s"]);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("violate the pod's disruption budget", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(node, (await cluster.GetAsync("-n", "streams", "pod", "kafka-0")).GetProperty("spec").GetProperty("nodeName").GetString());

        await cluster.KubectlAsync("-n", "streams", "annotate", "pod", "kafka-1", "pretend.local/ready-");
        await cluster.KubectlAsync("-n", "streams", "wait", "--for=condition=Ready", "pod/kafka-1", "--timeout=60s");
        await cluster.KubectlAsync([.. drain, "--timeout=120s"]);

        var gateways = (await cluster.GetAsync("-n", "streams", "deployment", "gateway")).GetProperty("status");
        Assert.InRange(gateways.GetProperty("availableReplicas").GetInt32(), 1, 10);
        await cluster.KubectlAsync("uncordon", node);
        await cluster.AllRolledOutAsync();
    }

    private static async Task<ControlPlane> AppliedAsync(string way)
    {
        Skip.If(Repository.ControlPlane is null, "no ../shared/kubernetes beside the repository (or STREAMS_SHARED/kubernetes)");
        var cluster = await ControlPlane.StartAsync(Repository.ControlPlane);
        try
        {
            // Pod security warns where it would refuse, and the API server of what is out of date.
            Assert.DoesNotContain("Warning", await cluster.KubectlAsync("apply", way, Repository.Kubernetes), StringComparison.Ordinal);
            await cluster.AllRolledOutAsync();
            var refused = await cluster.GetAsync("events", "-A", "--field-selector", "reason=FailedCreate");
            Assert.Empty(refused.GetProperty("items").EnumerateArray());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    // What an object should be; each change of it counts one up.
    private static async Task<SortedDictionary<string, long>> GenerationsAsync(ControlPlane cluster)
    {
        var kinds = string.Join(',', Manifest.All.Select(o => o.Kind).Distinct());
        var generations = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var item in (await cluster.GetAsync(kinds, "-A")).GetProperty("items").EnumerateArray())
        {
            var metadata = item.GetProperty("metadata");
            if (metadata.TryGetProperty("generation", out var generation))
                generations[$"{item.GetProperty("kind")} {Optional(metadata, "namespace")}/{metadata.GetProperty("name")}"] = generation.GetInt64();
        }

        Assert.NotEmpty(generations);
        return generations;
    }

    private static string? Optional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
