namespace Deploy.Tests;

/// <summary>The manifests and the Compose file before the verifiers beside the repository.</summary>
public sealed class VerifierTests
{
    [SkippableTheory]
    [InlineData("k8s_verify.py deploy/k8s --min-score 95")]
    [InlineData("k8s_verify.py -k deploy/k8s --min-score 95")]
    [InlineData("es_verify.py deploy/k8s deploy/kibana")]
    [InlineData("compose_verify.py deploy/compose/compose.yaml --min-score 95")]
    public async Task A_verifier_finds_no_fault(string command)
    {
        Skip.If(Repository.Verifiers is null, "no ../shared/verify beside the repository (or STREAMS_SHARED/verify)");
        var words = command.Split(' ');

        var answer = await Commands.RunAsync(await PythonAsync(), [Path.Combine(Repository.Verifiers, words[0]), .. words[1..]]);

        Assert.True(answer.ExitCode == 0 && !answer.Output.Contains("WARN", StringComparison.Ordinal), $"{answer}");
    }

    // The verifiers need two modules, and not every interpreter has them.
    private static async Task<string> PythonAsync()
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            if ((await Commands.RunAsync(python, ["-c", "import yaml, jsonschema"])).ExitCode == 0)
                return python;
        }

        Skip.If(true, "no Python with yaml and jsonschema (Debian: python3-yaml, python3-jsonschema)");
        return "";
    }
}
