using Grpc.Core;

namespace Grpc.Tests.Api;

/// <summary>Code written for gRPC's official assemblies compiles against ours: promised.txt lists what they have.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Every_type_and_member_of_the_official_api_is_here()
    {
        var ours = PublicApi.Of(typeof(Status).Assembly);
        var missing = new List<string>();
        IReadOnlySet<string>? members = null;
        var type = "";

        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "promised.txt")))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                if (members is not null && !members.Contains(line.Trim()))
                    missing.Add($"{type}: {line.Trim()}");
                continue;
            }

            type = line;
            if (!ours.TryGetValue(line, out members))
                missing.Add(line);
        }

        Assert.True(missing.Count == 0, $"Missing:\n{string.Join('\n', missing)}");
    }
}
