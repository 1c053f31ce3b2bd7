namespace Gateway.Tests.Forwarding;

/// <summary>The files of <c>fluentd/</c>: every parameter in them is one that the documentation of its plugin has.</summary>
public sealed class FluentdConfigurationTests
{
    private static IEnumerable<string> Names => Directory.GetFiles(RepositoryFiles.Path("fluentd"), "*.conf").Select(file => Path.GetFileName(file));

    public static TheoryData<string> Files => [.. Names];

    [Fact]
    public void There_is_one_for_each_purpose() =>
        Assert.Equal(["elasticsearch.conf", "files.conf", "kafka-topics.conf", "kafka.conf"], Names.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_parameter_is_documented_and_its_value_is_of_its_type(string file) =>
        Assert.Empty(Sections(file).SelectMany(FluentdParameters.Faults).Select(fault => $"{file}: {fault}"));

    [Theory]
    [MemberData(nameof(Files))]
    public void So_is_what_a_comment_offers(string file)
    {
        var offered = File.ReadLines(RepositoryFiles.Path("fluentd", file)).Select(line => line.TrimStart()).Where(line => line is ['#', '<' or ' ', ..])
            .Select(line => line[1..]).SkipWhile(line => line != "<security>").ToList();
        offered = offered[..(offered.IndexOf("</security>") + 1)];

        var security = Assert.Single(FluentdSection.Read(offered));
        Assert.Empty(FluentdParameters.Faults(security));
    }

    [Theory]
    [InlineData("<source>", "@type forward", "port many", "</source>", "port")]
    [InlineData("<source>", "@type forward", "frobnicate 3", "</source>", "frobnicate")]
    [InlineData("<source>", "@type forwards", "port 3", "</source>", "nothing is known")]
    [InlineData("<buffer tag>", "@type file", "overflow_action wait", "</buffer>", "overflow_action")]
    [InlineData("<buffer tag>", "@type file", "chunk_limit_size 8 MB", "</buffer>", "chunk_limit_size")]
    [InlineData("<buffer tag>", "@type file", "flush_interval 1 second", "</buffer>", "flush_interval")]
    [InlineData("<match a>", "@type elasticsearch", "write_operation insert", "</match>", "write_operation")]
    [InlineData("<match a>", "@type kafka2", "required_acks all", "</match>", "required_acks")]
    public void A_parameter_that_does_not_exist_and_a_value_of_another_type_would_be_noticed(string begin, string type, string line, string end, string said) =>
        Assert.Contains(said, Assert.Single(FluentdSection.Read([begin, type, line, end]).SelectMany(FluentdParameters.Faults)), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Files))]
    public void What_an_output_refuses_is_kept(string file)
    {
        var errors = Assert.Single(Sections(file), s => s is { Name: "label", Argument: "@ERROR" });

        Assert.Contains(Sections(file), s => s.Name == "match" && s.Argument == "**" && s.Parent == errors.Line);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_full_buffer_waits_and_nothing_is_given_up(string file)
    {
        foreach (var buffer in Sections(file).Where(s => s.Name == "buffer" && !s.Parameters["path"].EndsWith("/errors", StringComparison.Ordinal)))
        {
            Assert.Equal(("block", "true", "true"), (buffer.Parameters["overflow_action"], buffer.Parameters["retry_forever"], buffer.Parameters["flush_at_shutdown"]));
        }
    }

    [Fact]
    public void Every_record_that_is_written_as_json_has_an_event_id()
    {
        foreach (var file in new[] { "kafka.conf", "elasticsearch.conf", "files.conf" })
            Assert.Contains(Sections(file), s => s.Name == "record" && s.Parameters["event_id"].Contains("event_id", StringComparison.Ordinal));
    }

    [Fact]
    public void The_gateways_tags_are_those_that_are_matched()
    {
        var tags = Gateway.Forwarding.EventTags.All(new Gateway.Forwarding.FluentdOptions { IncludeProtobuf = true });

        Assert.Equal(["logs.all", "heartbeats"], Sections("kafka-topics.conf").Where(s => s.Name == "match" && s.Parent is null).Select(s => s.Argument));
        Assert.Contains("logs.all", tags);
        Assert.Contains("heartbeats", tags);
    }

    private static List<FluentdSection> Sections(string file) => FluentdSection.Read(File.ReadLines(RepositoryFiles.Path("fluentd", file)));
}
