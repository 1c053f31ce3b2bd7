using System.Text.Json;
using TestKit;

namespace Deploy.Tests;

/// <summary>A Kubernetes control plane with three nodes that pretend to run pods, in a folder of its own.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly string _script;

    private ControlPlane(string script) => _script = script;

    public static async Task<ControlPlane> StartAsync(string script)
    {
        var cluster = new ControlPlane(script);
        try
        {
            Succeeded(await Commands.RunAsync(script, ["up", "--data", cluster._folder.Path, "--port", $"{UnusedPort.Take()}", "--nodes", "3"]));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs kubectl and returns what it said, warnings included; a failure fails the test.</summary>
    public async Task<string> KubectlAsync(params string[] arguments)
    {
        var answer = await TryKubectlAsync(arguments);
        Succeeded(answer);
        return answer.Output + answer.Errors;
    }

    /// <summary>Runs kubectl, which may fail.</summary>
    public Task<Answer> TryKubectlAsync(params string[] arguments) =>
        Commands.RunAsync(_script, ["kubectl", "--data", _folder.Path, .. arguments]);

    /// <summary>Objects as the API server has them.</summary>
    public async Task<JsonElement> GetAsync(params string[] arguments)
    {
        var answer = await TryKubectlAsync(["get", .. arguments, "-o", "json"]);
        Succeeded(answer);
        return JsonDocument.Parse(answer.Output).RootElement;
    }

    /// <summary>Waits until the pods of every workload of the manifests are as they should be, and ready.</summary>
    public async Task AllRolledOutAsync()
    {
        foreach (var workload in Manifests.Manifest.Workloads)
        {
            await KubectlAsync(
                "-n", workload.Namespace, "rollout", "status", $"{workload.Kind.ToLowerInvariant()}/{workload.Name}", "--timeout=120s");
        }

        // The autoscaler's first look may come later than the one pod that a Deployment begins with.
        await KubectlAsync("-n", "streams", "wait", "--for=jsonpath={.status.availableReplicas}=2", "deployment/gateway", "--timeout=120s");
    }

    public async ValueTask DisposeAsync()
    {
        await Commands.RunAsync(_script, ["down", "--data", _folder.Path]);
        _folder.Dispose();
    }

    private static void Succeeded(Answer answer) => Assert.True(answer.ExitCode == 0, $"{answer}");
}
