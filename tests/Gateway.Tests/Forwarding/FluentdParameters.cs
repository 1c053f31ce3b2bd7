using System.Text.RegularExpressions;

namespace Gateway.Tests.Forwarding;

/// <summary>
/// What the plugins that <c>fluentd/</c> uses say of their parameters: those that are used there, their types and their choices. Each row was
/// held against the plugin's documentation and against the declarations (<c>config_param</c>) in its source: Fluentd 1.19.3, fluent-plugin-kafka
/// 0.19.7, fluent-plugin-elasticsearch 6.0.0, fluent-plugin-prometheus 2.2.2. Where a Fluentd is at hand, <see cref="RealFluentdTests"/> asks it itself.
/// </summary>
internal static partial class FluentdParameters
{
    private const string Docs = "https://docs.fluentd.org/";

    private static readonly string[] _anywhere = ["@type", "@id", "@label", "@log_level"];

    // Section, @type (empty where the section has none of its own), name:type of each parameter, where that is documented.
    private static readonly (string Section, string Type, string Parameters, string Source)[] _rows =
    [
        ("system", "", "log_level:fatal|error|warn|info|debug|trace", Docs + "deployment/system-config"),
        ("source", "forward", "bind:string port:integer chunk_size_limit:size skip_invalid_event:bool", Docs + "input/forward"),
        ("security", "", "self_hostname:string shared_key:string", Docs + "input/forward#less-than-security-greater-than-section"),
        ("transport", "tls", "cert_path:string private_key_path:string client_cert_auth:bool ca_path:string", Docs + "configuration/transport-section"),
        ("source", "prometheus", "bind:string port:integer", "https://github.com/fluent/fluent-plugin-prometheus#prometheus-input-plugin"),
        ("source", "prometheus_output_monitor", "", "https://github.com/fluent/fluent-plugin-prometheus#prometheus_output_monitor-input-plugin"),
        ("filter", "record_transformer", "enable_ruby:bool remove_keys:array", Docs + "filter/record_transformer"),
        ("record", "", "event_id:string", Docs + "filter/record_transformer#less-than-record-greater-than-directive"),
        ("filter", "grep", "", Docs + "filter/grep"),
        ("regexp", "", "key:string pattern:regexp", Docs + "filter/grep#less-than-regexp-greater-than-directive"),
        ("match", "file", "path:string append:bool compress:text|gzip|zstd", Docs + "output/file"),
        ("match", "kafka2", "brokers:array default_topic:string message_key_key:string use_event_time:bool required_acks:integer max_send_retries:integer "
            + "max_send_limit_bytes:size", "https://github.com/fluent/fluent-plugin-kafka#output-plugin"),
        ("match", "elasticsearch", "hosts:string logstash_format:bool logstash_prefix:string id_key:string remove_keys:string "
            + "write_operation:index|create|update|upsert include_tag_key:bool time_precision:integer suppress_type_name:bool reconnect_on_error:bool "
            + "reload_on_failure:bool reload_connections:bool request_timeout:time bulk_message_request_threshold:size",
            "https://github.com/uken/fluent-plugin-elasticsearch#configuration"),
        ("format", "json", "", Docs + "formatter/json"),
        ("format", "single_value", "message_key:string add_newline:bool", Docs + "formatter/single_value"),
        ("inject", "", "tag_key:string time_key:string time_type:float|unixtime|unixtime_millis|unixtime_micros|unixtime_nanos|string time_format:string utc:bool",
            Docs + "configuration/inject-section"),
        ("buffer", "file", "path:string timekey:time timekey_wait:time timekey_use_utc:bool chunk_limit_size:size total_limit_size:size "
            + "flush_mode:default|lazy|interval|immediate flush_interval:time flush_thread_count:integer flush_thread_interval:float "
            + "flush_thread_burst_interval:float overflow_action:throw_exception|block|drop_oldest_chunk retry_type:exponential_backoff|periodic "
            + "retry_wait:time retry_max_interval:time retry_forever:bool flush_at_shutdown:bool", Docs + "configuration/buffer-section"),
        ("label", "", "", Docs + "configuration/config-file#5-group-filter-and-output-the-label-directive"),
    ];

    /// <summary>What is wrong with a section's parameters.</summary>
    public static IEnumerable<string> Faults(FluentdSection section)
    {
        var (rows, where) = (_rows.Where(r => r.Section == section.Name && r.Type == section.Type).ToList(), $"line {section.Line}, <{section.Name}> {section.Type}".TrimEnd());
        if (rows is not [var row])
        {
            yield return $"{where}: nothing is known of such a section.";
            yield break;
        }

        var known = row.Parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split(':', 2)).ToDictionary(p => p[0], p => p[1]);
        foreach (var (name, value) in section.Parameters.Where(p => !_anywhere.Contains(p.Key)))
        {
            if (!known.TryGetValue(name, out var type))
                yield return $"{where}: there is no parameter '{name}' by {row.Source}.";
            else if (!IsOf(type, value))
                yield return $"{where}: '{value}' is no {type}, which {name} is by {row.Source}.";
        }
    }

    // A value in double quotes may hold Ruby, which only Fluentd can work out: it is taken for a text.
    private static bool IsOf(string type, string value) => type switch
    {
        "string" or "array" => value.Length > 0,
        "bool" => value is "true" or "false" or "yes" or "no",
        "integer" => Integer().IsMatch(value),
        "float" => Float().IsMatch(value),
        "size" => Size().IsMatch(value),
        "time" => Time().IsMatch(value),
        "regexp" => value is ['/', .., '/'],
        _ => type.Split('|').Contains(value),
    };

    [GeneratedRegex(@"^-?\d+$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex Float();

    [GeneratedRegex(@"^\d+[kmgt]?$", RegexOptions.IgnoreCase)]
    private static partial Regex Size();

    [GeneratedRegex(@"^\d+(\.\d+)?[smhd]?$")]
    private static partial Regex Time();
}

/// <summary>A section of a configuration: what stands between <c>&lt;name argument&gt;</c> and <c>&lt;/name&gt;</c>.</summary>
internal sealed record FluentdSection(string Name, string Argument, int Line, int? Parent, Dictionary<string, string> Parameters)
{
    public string Type => Parameters.GetValueOrDefault("@type", Name == "transport" ? Argument : "");

    /// <summary>The sections of a text in Fluentd's format, as far as the files use it: sections, "name value" and comments.</summary>
    public static List<FluentdSection> Read(IEnumerable<string> lines)
    {
        var (all, open) = (new List<FluentdSection>(), new Stack<FluentdSection>());
        var number = 0;
        foreach (var raw in lines)
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
                open.Push(new FluentdSection(words[0], words.ElementAtOrDefault(1) ?? "", number, open.TryPeek(out var parent) ? parent.Line : null, []));
                all.Add(open.Peek());
            }
            else
            {
                var words = line.Split(' ', 2);
                Assert.True(open.Peek().Parameters.TryAdd(words[0], words.ElementAtOrDefault(1)?.Trim() ?? ""), $"line {number}: '{words[0]}' is set twice.");
            }
        }

        Assert.Empty(open);
        return all;
    }
}
