namespace Gateway.Tests.Forwarding;

/// <summary>The files of <c>fluentd/</c>: every parameter in them is one that the documentation of its plugin has.</summary>
public sealed class FluentdConfigurationTests
{
    private const string Docs = "https://docs.fluentd.org/";

    private static readonly string[] _anywhere = ["@type", "@id", "@label", "@log_level"];

    // Section, type ("" where the section has none of its own), parameters that are used, and where they are documented.
    private static readonly (string Section, string Type, string Parameters, string Source)[] _documented =
    [
        ("system", "", "log_level", Docs + "deployment/system-config"),
        ("source", "forward", "bind port chunk_size_limit skip_invalid_event", Docs + "input/forward"),
        ("security", "", "self_hostname shared_key", Docs + "input/forward#less-than-security-greater-than-section"),
        ("source", "prometheus", "bind port", "https://github.com/fluent/fluent-plugin-prometheus#prometheus-input-plugin"),
        ("source", "prometheus_output_monitor", "", "https://github.com/fluent/fluent-plugin-prometheus#prometheus_output_monitor-input-plugin"),
        ("filter", "record_transformer", "enable_ruby remove_keys", Docs + "filter/record_transformer"),
        ("record", "", "event_id", Docs + "filter/record_transformer#less-than-record-greater-than-directive"),
        ("filter", "grep", "", Docs + "filter/grep"),
        ("regexp", "", "key pattern", Docs + "filter/grep#less-than-regexp-greater-than-directive"),
        ("match", "file", "path append compress", Docs + "output/file"),
        ("match", "kafka2", "brokers default_topic message_key_key use_event_time required_acks max_send_retries max_send_limit_bytes",
            "https://github.com/fluent/fluent-plugin-kafka#output-plugin"),
        ("match", "elasticsearch", "hosts logstash_format logstash_prefix id_key remove_keys write_operation include_tag_key time_precision suppress_type_name "
            + "reconnect_on_error reload_on_failure reload_connections request_timeout bulk_message_request_threshold",
            "https://github.com/uken/fluent-plugin-elasticsearch#configuration"),
        ("format", "json", "", Docs + "formatter/json"),
        ("format", "single_value", "message_key add_newline", Docs + "formatter/single_value"),
        ("inject", "", "tag_key time_key time_type time_format utc", Docs + "configuration/inject-section"),
        ("buffer", "file", "path timekey timekey_wait timekey_use_utc chunk_limit_size total_limit_size flush_mode flush_interval flush_thread_count "
            + "flush_thread_interval flush_thread_burst_interval overflow_action retry_type retry_wait retry_max_interval retry_forever flush_at_shutdown",
            Docs + "configuration/buffer-section"),
        ("label", "", "", Docs + "configuration/config-file#5-group-filter-and-output-the-label-directive"),
    ];

    private static IEnumerable<string> Names => Directory.GetFiles(RepositoryFiles.Path("fluentd"), "*.conf").Select(file => Path.GetFileName(file));

    public static TheoryData<string> Files => [.. Names];

    [Fact]
    public void There_is_one_for_each_purpose() =>
        Assert.Equal(["elasticsearch.conf", "files.conf", "kafka-topics.conf", "kafka.conf"], Names.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_parameter_is_documented(string file)
    {
        foreach (var section in Sections(file))
        {
            var row = _documented.Where(d => d.Section == section.Name && d.Type == section.Type).ToList();
            Assert.True(row.Count == 1, $"{file}: nothing is known of <{section.Name}> with @type '{section.Type}'.");
            var known = row[0].Parameters.Split(' ');
            Assert.All(section.Parameters.Keys.Except(_anywhere), name =>
                Assert.True(known.Contains(name), $"{file}: <{section.Name}> {section.Type} has no parameter '{name}' by {row[0].Source}."));
        }
    }

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

    // Fluentd's format as far as these files use it: <name argument>, "name value", </name>, and comments.
    private static List<Section> Sections(string file)
    {
        var (all, open) = (new List<Section>(), new Stack<Section>());
        var number = 0;
        foreach (var raw in File.ReadLines(RepositoryFiles.Path("fluentd", file)))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("</", StringComparison.Ordinal))
            {
                Assert.Equal($"</{open.Pop().Name}>", line);
            }
            else if (line[0] == '<')
            {
                var words = line.Trim('<', '>').Split(' ', 2);
                open.Push(new Section(words[0], words.ElementAtOrDefault(1) ?? "", number, open.TryPeek(out var parent) ? parent.Line : null, []));
                all.Add(open.Peek());
            }
            else
            {
                var words = line.Split(' ', 2);
                Assert.True(open.Peek().Parameters.TryAdd(words[0], words[1].Trim()), $"{file}:{number}: '{words[0]}' is set twice.");
            }
        }

        Assert.Empty(open);
        return all;
    }

    private sealed record Section(string Name, string Argument, int Line, int? Parent, Dictionary<string, string> Parameters)
    {
        public string Type => Parameters.GetValueOrDefault("@type", "");
    }
}
