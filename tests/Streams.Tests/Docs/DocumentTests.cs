using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Streams.Runtime;

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

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_member_that_is_named_exists(string document)
    {
        var types = new[] { typeof(Topology), typeof(TestKit.TopologyTestDriver), typeof(RocksDb.RocksDbStores), typeof(Kafka.KafkaSettings) }
            .SelectMany(type => type.Assembly.GetExportedTypes())
            .ToLookup(type => type.Name.Split('`')[0]);

        // The first column of a table of names is another library's.
        foreach (Match member in Member().Matches(FirstCell().Replace(Text(document), "")))
        {
            var (type, name) = (member.Groups["type"].Value, member.Groups["name"].Value);
            if (types.Contains(type))
                Assert.True(types[type].Any(t => t.GetMember(name).Length > 0), $"{document} speaks of {type}.{name}, which is not there.");
        }
    }

    [Fact]
    public void The_table_of_instruments_has_every_one_with_its_unit()
    {
        // Other tests' applications publish theirs at the same time: the same ones.
        var expected = new ConcurrentDictionary<string, bool>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "Streams.Engine")
                    expected[$"{instrument.Name} {instrument.Unit}"] = true;
            },
        };
        listener.Start();
        using var metrics = new EngineMetrics("docs");
        metrics.Observe(new(() => [], () => default, () => []));

        var table = Instrument().Matches(Text("engine.md")).Select(row => $"{row.Groups["name"].Value} {row.Groups["unit"].Value}");

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), table.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_description_of_the_first_topology_is_what_it_says()
    {
        var block = $"```text\n{FirstTopologyExamples.Words().Describe().TrimEnd()}\n```";

        Assert.True(Text("engine.md").Contains(block, StringComparison.Ordinal), $"engine.md should have:\n{block}");
    }

    internal static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout of this repository.");
            return folder.FullName;
        }
    }

    internal static string Text(string document) => File.ReadAllText(Path.Combine(Root, "docs", document));

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

    [GeneratedRegex(@"^\| [^|]* \|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex(@"\b(?<type>[A-Z]\w+)\.(?<name>[A-Z]\w+)")]
    private static partial Regex Member();

    // | `name` | unit | meaning |
    [GeneratedRegex(@"^\| `(?<name>streams\.[\w.]+)` \| (?<unit>[^|]*) \| [^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex Instrument();
}
