using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Streams.Tests.Docs;

/// <summary>What docs/ says about the engine is so: its examples are the ones that are compiled and run here, its tables are those of the code.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents => [.. Directory.GetFiles(Path.Combine(Root, "docs"), "engine*.md").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_example_is_a_region_of_code_that_runs_as_a_test(string document)
    {
        var regions = Directory.GetFiles(Path.Combine(Root, "tests", "Streams.Tests", "Docs"), "*Examples.cs")
            .SelectMany(file => Region().Matches(File.ReadAllText(file)))
            .Select(region => Outdented(region.Groups["code"].Value))
            .ToHashSet();

        foreach (Match block in CodeBlock().Matches(Text(document)))
            Assert.True(regions.Contains(block.Groups["code"].Value.TrimEnd()), $"{document} has an example that is no region of an *Examples.cs:\n{block.Value}");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_to_a_file_leads_somewhere(string document)
    {
        foreach (Match link in Link().Matches(Text(document)))
        {
            var target = Path.Combine(Root, "docs", link.Groups["target"].Value);
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {link.Groups["target"].Value}, which is not there.");
        }
    }

    [Fact]
    public void The_table_of_settings_has_every_property_with_its_default()
    {
        var settings = new StreamConfig { ApplicationId = "" };
        var expected = typeof(StreamConfig).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .ToDictionary(property => property.Name, property => Default(property, settings));

        var table = Row().Matches(Text("engine.md")).ToDictionary(row => row.Groups["property"].Value, row => row.Groups["default"].Value);

        Assert.Equal(expected.OrderBy(s => s.Key, StringComparer.Ordinal), table.OrderBy(s => s.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_description_of_the_first_topology_is_what_it_says()
    {
        var block = $"```text\n{FirstTopologyExamples.Words().Describe().TrimEnd()}\n```";

        Assert.True(Text("engine.md").Contains(block, StringComparison.Ordinal), $"engine.md should have:\n{block}");
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout of this repository.");
            return folder.FullName;
        }
    }

    private static string Text(string document) => File.ReadAllText(Path.Combine(Root, "docs", document));

    /// <summary>A setting's default as the table writes it.</summary>
    private static string Default(PropertyInfo property, StreamConfig settings)
    {
        if (property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)))
            return "required";

        return property.GetValue(settings) switch
        {
            null => "none",
            TimeSpan time when time == TimeSpan.Zero => "0",
            TimeSpan { TotalSeconds: < 1 } time => $"{time.TotalMilliseconds} ms",
            TimeSpan time => $"{time.TotalSeconds} s",
            int or long or short => ((IFormattable)property.GetValue(settings)!).ToString("N0", CultureInfo.InvariantCulture).Replace("-", "−", StringComparison.Ordinal),
            Delegate given => $"`{given.Method.DeclaringType!.Name}.{given.Method.Name}`",
            string path when path.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) => $"`{Path.GetFileName(path)}` in the system's temporary folder",
            TimestampExtractor given when given == TimestampExtractor.FailOnInvalidTimestamp => "`TimestampExtractor.FailOnInvalidTimestamp`",
            InMemoryStores given when given == InMemoryStores.Default => "`InMemoryStores.Default`",
            var given when given.GetType() == property.PropertyType => $"`new {property.PropertyType.Name}()`",
            var given => given.ToString()!,
        };
    }

    private static string Outdented(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length < indent ? "" : line[indent..]));
    }

    [GeneratedRegex(@"#region [^\n]*\n(?<code>.*?)\n[ ]*#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\((?<target>[^):#]+)[^):]*\)")]
    private static partial Regex Link();

    // | `Property` | Kafka's name | default | meaning |
    [GeneratedRegex(@"^\| `(?<property>\w+)` \| [^|]* \| (?<default>[^|]*) \| [^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
