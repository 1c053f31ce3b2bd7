using System.CommandLine;

namespace Cli.Client;

/// <summary>How a client command shows its answer.</summary>
internal enum OutputFormat
{
    /// <summary>For people: columns, colours on a terminal.</summary>
    Table,

    /// <summary>For programs: one protobuf JSON object a line, every field present.</summary>
    Json,
}

internal static class OutputFormatFlag
{
    public static Option<OutputFormat> Make() =>
        new Option<OutputFormat>("--output", "-o")
        {
            HelpName = "table|json",
            Description = "For people (table, the default) or for programs (json: one object a line, fields as in protos/streams/v1).",
            DefaultValueFactory = _ => OutputFormat.Table,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (text is "table" or "json")
                    return text is "json" ? OutputFormat.Json : OutputFormat.Table;

                result.AddError($"--output is '{text}'; expected table or json");
                return default;
            },
        };
}
