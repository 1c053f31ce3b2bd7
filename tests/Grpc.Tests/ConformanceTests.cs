using System.Reflection;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Grpc.Tests;

/// <summary>docs/grpc-conformance.md says of each item of the protocol which tests hold us to it. This holds it to the tests.</summary>
public sealed partial class ConformanceTests
{
    private const int Items = 23;

    // Reflection and health answer for services: what they say of symbols and names is theirs to say.
    private static readonly string[] Library = ["Client", "Server", "Wire"];

    [Fact]
    public void Every_item_names_tests_and_every_test_exists()
    {
        var rows = File.ReadLines(Path.Combine(Repository(), "docs", "grpc-conformance.md")).Select(line => Row().Match(line)).Where(row => row.Success).ToList();
        var tests = typeof(ConformanceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();

        Assert.Equal(Enumerable.Range(1, Items).Select(item => $"{item}"), rows.Select(row => row.Groups["item"].Value).Where(item => char.IsDigit(item[0])));
        Assert.All(rows, row =>
        {
            var named = Name().Matches(row.Groups["tests"].Value).Select(name => name.Groups[1].Value).ToList();
            Assert.NotEmpty(named);
            Assert.Empty(named.Except(tests));
        });
    }

    [Fact]
    public void The_library_makes_no_status_that_is_the_applications()
    {
        var made = Library
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository(), "src", "Grpc", room), "*.cs", SearchOption.AllDirectories))
            .Where(file => ApplicationsOwn().IsMatch(File.ReadAllText(file)))
            .ToList();

        Assert.Empty(made);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
            folder = folder.Parent ?? throw new XunitException("The tests do not run inside the repository.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^\| (?<item>[0-9]+|[A-F]) \| (?<what>[^|]+) \| (?<tests>[^|]+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z]+\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"StatusCode\.(InvalidArgument|NotFound|AlreadyExists|FailedPrecondition|Aborted|OutOfRange|DataLoss)\b")]
    private static partial Regex ApplicationsOwn();
}
