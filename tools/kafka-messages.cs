// Writes src/Kafka.Protocol/Generated from Apache Kafka's message schemas.
//
//   dotnet run tools/kafka-messages.cs -- SCHEMAS src/Kafka.Protocol/Generated
//
// SCHEMAS is the folder clients/src/main/resources/common/message of an Apache Kafka source tree. What is checked in was made from tag
// 3.9.0-rc3, the last line that still defines every version. The output depends on the schemas alone: running it twice changes nothing.

using System.Globalization;
using System.Text;
using System.Text.Json;

if (args is not [var schemas, var output])
{
    Console.Error.WriteLine("usage: dotnet run tools/kafka-messages.cs -- SCHEMAS OUTPUT");
    return 2;
}

string[] apis =
[
    "Produce", "Fetch", "ListOffsets", "Metadata", "OffsetCommit", "OffsetFetch", "FindCoordinator", "JoinGroup", "Heartbeat",
    "LeaveGroup", "SyncGroup", "DescribeGroups", "ListGroups", "SaslHandshake", "ApiVersions", "CreateTopics", "DeleteTopics",
    "DeleteRecords", "InitProducerId", "OffsetForLeaderEpoch", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "TxnOffsetCommit",
    "DescribeConfigs", "AlterConfigs", "SaslAuthenticate", "CreatePartitions", "DeleteGroups", "IncrementalAlterConfigs",
    "OffsetDelete", "DescribeCluster",
];

Directory.CreateDirectory(output);
foreach (var old in Directory.EnumerateFiles(output, "*.g.cs"))
    File.Delete(old);
var requests = new List<Message>();
foreach (var api in apis)
{
    var request = Message.Load(schemas, api + "Request");
    var response = Message.Load(schemas, api + "Response");

    // A response never leaves the versions a request may ask in.
    response.Versions = response.Versions with { Last = request.Versions.Last };
    Emitter.Write(output, request, response);
    Emitter.Write(output, response, null);
    requests.Add(request);
}

foreach (var name in (string[])["RequestHeader", "ResponseHeader", "ConsumerProtocolSubscription", "ConsumerProtocolAssignment"])
    Emitter.Write(output, Message.Load(schemas, name), null);
Emitter.WriteFacts(output, requests);
Console.WriteLine($"{Directory.GetFiles(output, "*.g.cs").Length} files in {output}");
return 0;

/// <summary>"0-5", "3+", "4" or "none".</summary>
internal readonly record struct Versions(int First, int Last)
{
    private static readonly Versions None = new(0, -1);

    public bool IsEmpty => Last < First;

    public static Versions Parse(string? text)
    {
        if (text is null or "none")
            return None;
        if (text.EndsWith('+'))
            return new(Number(text[..^1]), int.MaxValue);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? new(Number(text), Number(text)) : new(Number(text[..dash]), Number(text[(dash + 1)..]));

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    public Versions And(Versions other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));

    public bool Covers(Versions other) => other.IsEmpty || (First <= other.First && Last >= other.Last);

    /// <summary>The C# condition that a version of <paramref name="within"/> is also in here; null when it always is.</summary>
    public string? Condition(Versions within) => (First > within.First, Last < within.Last) switch
    {
        (true, true) => First == Last ? $"version == {First}" : $"version is >= {First} and <= {Last}",
        (true, false) => $"version >= {First}",
        (false, true) => $"version <= {Last}",
        _ => null,
    };
}

internal sealed class Field
{
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required string About { get; init; }
    public required Versions Versions { get; init; }
    public required Versions Nullable { get; init; }
    public required Versions Tagged { get; init; }
    public required Versions? Flexible { get; init; }
    public required int? Tag { get; init; }
    public required bool Ignorable { get; init; }
    public required string? Default { get; init; }

    public bool IsArray => Type.StartsWith("[]", StringComparison.Ordinal);

    public string Element => IsArray ? Type[2..] : Type;

    public bool IsTagged => !Tagged.IsEmpty;

    public bool IsStruct => char.IsAsciiLetterUpper(Element[0]);
}

internal sealed class Struct
{
    public required string Name { get; init; }
    public required string About { get; init; }
    public required Versions Versions { get; set; }
    public required List<Field> Fields { get; init; }
}

internal sealed class Message
{
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public required int? ApiKey { get; init; }
    public required Versions Versions { get; set; }
    public required Versions Flexible { get; init; }
    public required Struct Root { get; init; }
    public required List<Struct> Structs { get; init; }

    public static Message Load(string folder, string name)
    {
        var path = Path.Combine(folder, name + ".json");
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using var document = JsonDocument.Parse(File.ReadAllText(path), options);
        var json = document.RootElement;
        var versions = Versions.Parse(Text(json, "validVersions"));
        if (Text(json, "latestVersionUnstable") == "true")
            versions = versions with { Last = versions.Last - 1 };
        var structs = new List<Struct>();
        if (json.TryGetProperty("commonStructs", out var common))
        {
            foreach (var shared in common.EnumerateArray())
                AddStruct(structs, Text(shared, "name")!, Text(shared, "versions"), Text(shared, "about"), shared.GetProperty("fields"));
        }

        return new Message
        {
            Name = name,
            Kind = Text(json, "type")!,
            ApiKey = json.TryGetProperty("apiKey", out var key) ? key.GetInt32() : null,
            Versions = versions,
            Flexible = Versions.Parse(Text(json, "flexibleVersions")),
            Root = new Struct { Name = name, About = "", Versions = versions, Fields = Fields(structs, json.GetProperty("fields")) },
            Structs = structs,
        };
    }

    private static void AddStruct(List<Struct> structs, string name, string? versions, string? about, JsonElement fields)
    {
        var added = new Struct { Name = name, About = about ?? "", Versions = Versions.Parse(versions), Fields = [] };
        structs.Add(added);
        added.Fields.AddRange(Fields(structs, fields));
    }

    private static List<Field> Fields(List<Struct> structs, JsonElement array)
    {
        var fields = new List<Field>();
        foreach (var json in array.EnumerateArray())
        {
            var type = Text(json, "type")!;
            if (json.TryGetProperty("fields", out var nested))
                AddStruct(structs, type.TrimStart('[', ']'), Text(json, "versions"), Text(json, "about"), nested);
            fields.Add(new Field
            {
                Name = Text(json, "name")!,
                Type = type,
                About = Text(json, "about") ?? "",
                Versions = Versions.Parse(Text(json, "versions")),
                Nullable = Versions.Parse(Text(json, "nullableVersions")),
                Tagged = Versions.Parse(Text(json, "taggedVersions")),
                Flexible = Text(json, "flexibleVersions") is { } flexible ? Versions.Parse(flexible) : null,
                Tag = json.TryGetProperty("tag", out var tag) ? tag.GetInt32() : null,
                Ignorable = Text(json, "ignorable") == "true",
                Default = Text(json, "default"),
            });
        }

        return fields;
    }

    private static string? Text(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}

internal sealed class Emitter
{
    private readonly StringBuilder _text = new();
    private readonly Message _message;
    private int _indent;

    private Emitter(Message message) => _message = message;

    public static void Write(string folder, Message message, Message? response)
    {
        var emitter = new Emitter(message);
        emitter.Header(message.Name + ".json");
        emitter.Root(response);
        File.WriteAllText(Path.Combine(folder, message.Name + ".g.cs"), emitter._text.ToString());
    }

    public static void WriteFacts(string folder, List<Message> requests)
    {
        var emitter = new Emitter(requests[0]);
        emitter.Header("*Request.json");
        emitter.Line("/// <summary>What the schemas say of each API's versions.</summary>");
        emitter.Open("public static class ApiFacts");
        emitter.Line("/// <summary>The first version with compact lengths and tagged fields; <see cref=\"short.MaxValue\"/> where none has.</summary>");
        emitter.Open("public static short FirstFlexibleVersion(ApiKey key) => key switch");
        foreach (var request in requests)
        {
            var first = request.Flexible.IsEmpty ? "short.MaxValue" : $"{request.Flexible.First}";
            emitter.Line($"ApiKey.{request.Name[..^"Request".Length]} => {first},");
        }

        emitter.Line("_ => throw new global::System.ArgumentOutOfRangeException(nameof(key), key, \"There is no code for this API.\"),");
        emitter.Close(";");
        emitter.Line();
        emitter.Line("/// <summary>The versions there is code for.</summary>");
        emitter.Open("public static (short Lowest, short Highest) Versions(ApiKey key) => key switch");
        foreach (var request in requests)
            emitter.Line($"ApiKey.{request.Name[..^"Request".Length]} => ({request.Versions.First}, {request.Versions.Last}),");
        emitter.Line("_ => throw new global::System.ArgumentOutOfRangeException(nameof(key), key, \"There is no code for this API.\"),");
        emitter.Close(";");
        emitter.Close();
        File.WriteAllText(Path.Combine(folder, "ApiFacts.g.cs"), emitter._text.ToString());
    }

    private void Header(string source)
    {
        Line("// <auto-generated>");
        Line($"// Made by tools/kafka-messages.cs from Apache Kafka's {source}. Change the tool, not this file.");
        Line("//");
        Line("// The schema and the words that describe its fields are part of Apache Kafka, Copyright The Apache Software Foundation,");
        Line("// licensed under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); see NOTICE in this folder.");
        Line("// </auto-generated>");
        Line("#nullable enable");
        Line();
        Line("using System.Collections.Generic;");
        Line();
        Line("namespace Kafka.Protocol.Messages;");
        Line();
    }

    private void Root(Message? response)
    {
        var name = _message.Name;
        var self = _message.Kind == "request" ? $"IRequest<{name}, {response!.Name}>" : $"IMessage<{name}>";
        var what = _message.Kind switch
        {
            "request" => $"What {name[..^"Request".Length]} asks",
            "response" => $"What {name[..^"Response".Length]} answers",
            "header" => name == "RequestHeader" ? "What stands in front of every request" : "What stands in front of every response",
            _ => name.EndsWith("Subscription", StringComparison.Ordinal)
                ? "What a consumer tells the leader of its group when it joins" : "What the leader of a group tells each consumer",
        };
        Line($"/// <summary>{what}, versions {_message.Versions.First} to {_message.Versions.Last}.</summary>");
        Open($"public sealed partial class {name} : {self}");
        Properties(_message.Root);
        if (_message.Kind == "request")
        {
            Line("/// <inheritdoc/>");
            Line($"public static ApiKey Api => ApiKey.{name[..^"Request".Length]};");
            Line();
        }

        Line("/// <inheritdoc/>");
        Line($"public static short LowestVersion => {_message.Versions.First};");
        Line();
        Line("/// <inheritdoc/>");
        Line($"public static short HighestVersion => {_message.Versions.Last};");
        Line();
        Line("/// <inheritdoc/>");
        Line($"public static bool IsFlexible(short version) => {FlexibleAt(_message.Flexible, _message.Versions)};");
        Line();
        Body(_message.Root, isRoot: true);
        foreach (var nested in _message.Structs)
        {
            Line();
            Line($"/// <summary>{Escape(nested.About, nested.Name)}</summary>");
            Open($"public sealed partial class {StructName(nested.Name)} : IMessage");
            Properties(nested);
            Body(nested, isRoot: false);
            Close();
        }

        Close();
    }

    private void Properties(Struct owner)
    {
        foreach (var field in Present(owner))
        {
            Line($"/// <summary>{Escape(field.About, field.Name)}</summary>");
            Line($"public {PropertyType(field)} {field.Name} {{ get; set; }}{Initial(field)}");
            Line();
        }
    }

    private void Body(Struct owner, bool isRoot)
    {
        var versions = owner.Versions.And(_message.Versions);
        var fields = Present(owner);
        var flexible = _message.Flexible.And(versions);
        var needsFlag = fields.Any(f => NeedsFlag(f));
        var name = StructName(owner.Name);

        if (isRoot)
            Line("/// <inheritdoc/>");
        Open($"{(isRoot ? "public" : "internal")} static {name} Read(ref ProtocolReader reader, short version)");
        if (isRoot)
            VersionCheck();
        if (needsFlag)
            Line($"var flexible = {FlexibleAt(flexible, versions)};");
        Line($"var message = new {name}();");
        foreach (var field in fields.Where(f => !f.Tagged.Covers(f.Versions.And(versions))))
        {
            var present = field.Versions.And(versions);
            if (field.IsTagged)
                throw new NotSupportedException($"{owner.Name}.{field.Name} is tagged in some of its versions only.");
            var condition = present.Condition(versions);
            When(condition, () => ReadField(field, present, inBlock: condition is not null));
        }

        if (!flexible.IsEmpty)
        {
            When(needsFlag ? (flexible.Covers(versions) ? null : "flexible") : flexible.Condition(versions), () => ReadTags(fields, versions));
        }

        Line("return message;");
        Close();
        Line();

        Line("/// <inheritdoc/>");
        Open("public void Write(ProtocolWriter writer, short version)");
        Line("global::System.ArgumentNullException.ThrowIfNull(writer);");
        if (isRoot)
            VersionCheck();
        if (needsFlag)
            Line($"var flexible = {FlexibleAt(flexible, versions)};");
        foreach (var field in fields)
        {
            var present = field.Versions.And(versions);
            var condition = present.Condition(versions);
            if (field.IsTagged)
            {
                if (condition is not null && !field.Ignorable)
                    When($"!({condition}) && {IsSet(field)}", () => CannotCarry(field));
                continue;
            }

            When(condition, () => WriteField(field, present));
            if (condition is not null && !field.Ignorable)
            {
                Open($"else if ({IsSet(field)})");
                CannotCarry(field);
                Close();
            }
        }

        if (!flexible.IsEmpty)
            When(needsFlag ? (flexible.Covers(versions) ? null : "flexible") : flexible.Condition(versions), () => WriteTags(fields, versions));
        Close();

        void CannotCarry(Field field) =>
            Line($"throw ProtocolWriter.CannotCarry(\"{(isRoot ? name : _message.Name + "." + name)}\", \"{field.Name}\", version);");
    }

    private void VersionCheck()
    {
        Open($"if (version is < {_message.Versions.First} or > {_message.Versions.Last})");
        Line($"throw new ProtocolException($\"There is no {_message.Name} v{{version}}; versions {_message.Versions.First} to {_message.Versions.Last} are known.\");");
        Close();
    }

    private void ReadField(Field field, Versions present, bool inBlock)
    {
        if (!field.IsArray)
        {
            Line($"message.{field.Name} = {ReadValue(field, field.Nullable.And(present), present)};");
            return;
        }

        var flag = Flag(field);
        var bytesMin = ElementBytesMin(field.Element, 0);
        var nullable = field.Nullable.And(present);
        if (!inBlock)
            Open("");
        var count = nullable.IsEmpty ? $"reader.ReadCount({flag}, {bytesMin})"
            : nullable.Covers(present) ? $"reader.ReadNullableCount({flag}, {bytesMin})"
            : $"{nullable.Condition(present)} ? reader.ReadNullableCount({flag}, {bytesMin}) : reader.ReadCount({flag}, {bytesMin})";
        Line($"var count = {count};");
        if (!nullable.IsEmpty)
        {
            Open("if (count < 0)");
            Line($"message.{field.Name} = null;");
            Close();
            Open("else");
        }

        Line($"var list = new List<{ElementType(field)}>(count);");
        Open("for (; count > 0; count--)");
        Line(field.IsStruct
            ? $"list.Add({StructName(field.Element)}.Read(ref reader, version));"
            : $"list.Add({ReadPrimitive(field.Element, flag, field.Name)});");
        Close();
        Line($"message.{field.Name} = list;");
        if (!nullable.IsEmpty)
            Close();
        if (!inBlock)
            Close();
    }

    private string ReadValue(Field field, Versions nullable, Versions present)
    {
        if (field.IsStruct)
            return $"{StructName(field.Element)}.Read(ref reader, version)";
        var flag = Flag(field);
        var plain = ReadPrimitive(field.Type, flag, field.Name);
        if (nullable.IsEmpty || field.Type is "records")
            return plain;
        var orNull = field.Type switch
        {
            "string" => $"reader.ReadNullableString({flag})",
            "bytes" => $"reader.ReadNullableBytes({flag})",
            _ => throw new NotSupportedException($"{field.Name}: a nullable {field.Type}"),
        };
        return nullable.Covers(present) ? orNull : $"{nullable.Condition(present)} ? {orNull} : {plain}";
    }

    private static string ReadPrimitive(string type, string flag, string name) => type switch
    {
        "bool" => "reader.ReadBoolean()",
        "int8" => "reader.ReadInt8()",
        "int16" => Enum(name) is { } known ? $"({known})reader.ReadInt16()" : "reader.ReadInt16()",
        "uint16" => "reader.ReadUInt16()",
        "int32" => "reader.ReadInt32()",
        "int64" => "reader.ReadInt64()",
        "uuid" => "reader.ReadTopicId()",
        "string" => $"reader.ReadString({flag})",
        "bytes" => $"reader.ReadBytes({flag})",
        "records" => $"reader.ReadRecords({flag})",
        _ => throw new NotSupportedException($"{name}: {type}"),
    };

    private void ReadTags(List<Field> fields, Versions versions)
    {
        var tagged = fields.Where(f => f.IsTagged).OrderBy(f => f.Tag).ToList();
        if (tagged.Count == 0)
        {
            Line("reader.SkipTags();");
            return;
        }

        Open("for (var left = reader.ReadTagCount(); left > 0; left--)");
        Line("var end = reader.BeginTag(out var tag);");
        Open("switch (tag)");
        foreach (var field in tagged)
        {
            var present = field.Tagged.And(versions);
            var condition = present.Condition(_message.Flexible.And(versions));
            Line($"case {field.Tag}{(condition is null ? "" : $" when {condition}")}:");
            _indent++;
            ReadField(field, present, inBlock: false);
            Line("reader.EndTag(end);");
            Line("break;");
            _indent--;
        }

        Line("default:");
        _indent++;
        Line("reader.SkipTag(end);");
        Line("break;");
        _indent--;
        Close();
        Close();
    }

    private void WriteField(Field field, Versions present)
    {
        var flag = Flag(field);
        var nullable = field.Nullable.And(present);
        if (!field.IsArray)
        {
            Line($"{WriteValue(field, nullable, present)};");
            return;
        }

        if (!nullable.IsEmpty)
        {
            Open($"if ({field.Name} is null)");
            if (!nullable.Covers(present))
            {
                Open($"if (!({nullable.Condition(present)}))");
                Line($"throw ProtocolWriter.CannotCarry(\"{_message.Name}\", \"a null {field.Name}\", version);");
                Close();
            }

            Line($"writer.WriteCount(-1, {flag});");
            Close();
            Open("else");
        }

        Line($"writer.WriteCount({field.Name}.Count, {flag});");
        Open($"foreach (var element in {field.Name})");
        Line(field.IsStruct ? "element.Write(writer, version);" : $"{WritePrimitive(field.Element, "element", flag, field.Name)};");
        Close();
        if (!nullable.IsEmpty)
            Close();
    }

    private string WriteValue(Field field, Versions nullable, Versions present)
    {
        if (field.IsStruct)
            return $"{field.Name}!.Write(writer, version)";
        var flag = Flag(field);
        var plain = WritePrimitive(field.Type, field.Name + (!field.Nullable.IsEmpty && field.Type != "records" ? "!" : ""), flag, field.Name);
        if (nullable.IsEmpty || field.Type is "records")
            return plain;
        var orNull = field.Type == "string" ? $"writer.WriteNullableString({field.Name}, {flag})" : $"writer.WriteNullableBytes({field.Name}, {flag})";
        if (nullable.Covers(present))
            return orNull;
        Open($"if ({nullable.Condition(present)})");
        Line($"{orNull};");
        Close();
        Line("else");
        return "    " + plain;
    }

    private static string WritePrimitive(string type, string value, string flag, string name) => type switch
    {
        "bool" => $"writer.WriteBoolean({value})",
        "int8" => $"writer.WriteInt8({value})",
        "int16" => Enum(name) is null ? $"writer.WriteInt16({value})" : $"writer.WriteInt16((short){value})",
        "uint16" => $"writer.WriteUInt16({value})",
        "int32" => $"writer.WriteInt32({value})",
        "int64" => $"writer.WriteInt64({value})",
        "uuid" => $"writer.WriteTopicId({value})",
        "string" => $"writer.WriteString({value}, {flag})",
        "bytes" => $"writer.WriteBytes({value}, {flag})",
        "records" => $"writer.WriteRecords({value}, {flag})",
        _ => throw new NotSupportedException($"{name}: {type}"),
    };

    private void WriteTags(List<Field> fields, Versions versions)
    {
        var tagged = fields.Where(f => f.IsTagged).OrderBy(f => f.Tag).ToList();
        if (tagged.Count == 0)
        {
            Line("writer.WriteUnsignedVarint(0);");
            return;
        }

        string When(Field field)
        {
            var condition = field.Tagged.And(versions).Condition(_message.Flexible.And(versions));
            return condition is null ? IsSet(field) : $"{condition} && {IsSet(field)}";
        }

        Line("var tags = 0u;");
        foreach (var field in tagged)
        {
            Open($"if ({When(field)})");
            Line("tags++;");
            Close();
        }

        Line("writer.WriteUnsignedVarint(tags);");
        foreach (var field in tagged)
        {
            Open($"if ({When(field)})");
            Line($"var begin = writer.BeginTag({field.Tag});");
            WriteField(field, field.Tagged.And(versions));
            Line("writer.EndTag(begin);");
            Close();
        }
    }

    private List<Field> Present(Struct owner) =>
        owner.Fields.Where(f => !f.Versions.And(owner.Versions).And(_message.Versions).IsEmpty).ToList();

    // Lengths depend on the version's kind; a field may override it (RequestHeader.ClientId never is compact).
    private static bool NeedsFlag(Field field) =>
        field.Flexible is null && (field.IsArray || field.Type is "string" or "bytes" or "records");

    private static string Flag(Field field) => field.Flexible is { IsEmpty: true } ? "false" : "flexible";

    private static string FlexibleAt(Versions flexible, Versions versions)
    {
        flexible = flexible.And(versions);
        return flexible.IsEmpty ? "false" : flexible.Condition(versions) ?? "true";
    }

    private string PropertyType(Field field) => field switch
    {
        { IsArray: true } => $"List<{ElementType(field)}>{(field.Nullable.IsEmpty ? "" : "?")}",
        { IsStruct: true } => $"{StructName(field.Type)}?",
        { Type: "records" } => "global::System.ReadOnlyMemory<byte>?",
        _ => ElementType(field) + (field.Nullable.IsEmpty ? "" : "?"),
    };

    private string ElementType(Field field) => field.Element switch
    {
        "bool" => "bool",
        "int8" => "sbyte",
        "int16" => Enum(field.Name) ?? "short",
        "uint16" => "ushort",
        "int32" => "int",
        "int64" => "long",
        "uuid" => "TopicId",
        "string" => "string",
        "bytes" => "byte[]",
        _ when field.IsStruct => StructName(field.Element),
        _ => throw new NotSupportedException($"{field.Name}: {field.Type}"),
    };

    private static string? Enum(string name) => name switch
    {
        "ErrorCode" => "ErrorCode",
        "RequestApiKey" => "ApiKey",
        _ => null,
    };

    private static string Initial(Field field)
    {
        if (field.IsArray)
            return field.Default == "null" ? "" : " = [];";
        return (field.Type, field.Default) switch
        {
            (_, "null") => "",
            ("string", var text) => $" = \"{text}\";",
            ("bytes", _) => " = [];",
            ("bool", "true") => " = true;",
            (_, null or "" or "0" or "false") => "",
            ("records", _) => "",
            ("int16", "-1") when Enum(field.Name) is not null => throw new NotSupportedException(field.Name),
            var (_, number) => $" = {number};",
        };
    }

    private static string IsSet(Field field)
    {
        if (field.IsArray)
            return field.Default == "null" ? $"{field.Name} is not null" : field.Nullable.IsEmpty ? $"{field.Name}.Count != 0" : $"{field.Name} is not {{ Count: 0 }}";
        return (field.Type, field.Default) switch
        {
            _ when field.IsStruct => $"{field.Name} is not null",
            (_, "null") or ("records", _) => $"{field.Name} is not null",
            ("string", var text) => $"{field.Name} != \"{text}\"",
            ("bytes", _) => field.Nullable.IsEmpty ? $"{field.Name}.Length != 0" : $"{field.Name} is not {{ Length: 0 }}",
            ("bool", "true") => $"!{field.Name}",
            ("bool", _) => field.Name,
            ("uuid", _) => $"{field.Name} != TopicId.Zero",
            var (_, number) => $"{field.Name} != {(string.IsNullOrEmpty(number) ? "0" : number)}",
        };
    }

    // The fewest bytes one element can take in any version: what a claimed count is checked against.
    private int ElementBytesMin(string type, int depth)
    {
        if (!char.IsAsciiLetterUpper(type[0]))
        {
            return type switch
            {
                "bool" or "int8" or "string" or "bytes" or "records" => 1,
                "int16" or "uint16" => 2,
                "int32" => 4,
                "int64" => 8,
                "uuid" => 16,
                _ => throw new NotSupportedException(type),
            };
        }

        var owner = _message.Structs.Single(s => s.Name == type);
        var versions = owner.Versions.And(_message.Versions);
        var sum = 0;
        foreach (var field in owner.Fields.Where(f => !f.IsTagged && f.Versions.Covers(versions)))
            sum += field.IsArray ? 1 : ElementBytesMin(field.Type, depth + 1);
        return Math.Max(1, sum);
    }

    // A property cannot share its class's or a sibling type's name.
    private string StructName(string name) => _message.Root.Fields.Any(f => f.Name == name) ? name + "Data" : name;

    private static string Escape(string about, string name)
    {
        var text = about.Trim();
        if (text.Length == 0)
            text = Words(name) + ".";
        text = string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        text = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
        return text.EndsWith('.') ? text : text + ".";
    }

    private static string Words(string name)
    {
        var words = new StringBuilder("The ");
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]))
                words.Append(' ');
            words.Append(char.ToLowerInvariant(name[i]));
        }

        return words.ToString();
    }

    private void When(string? condition, Action body)
    {
        if (condition is not null)
            Open($"if ({condition})");
        body();
        if (condition is not null)
            Close();
    }

    private void Open(string head)
    {
        if (head.Length > 0)
            Line(head);
        Line("{");
        _indent++;
    }

    private void Close(string after = "")
    {
        _indent--;
        Line("}" + after);
    }

    private void Line(string line = "") => _text.Append(' ', line.Length == 0 ? 0 : _indent * 4).Append(line).Append('\n');
}
