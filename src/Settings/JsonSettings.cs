using System.Text;
using System.Text.Json;

namespace Settings;

/// <summary>Turns JSON into setting nodes. Comments and trailing commas are fine.</summary>
internal static class JsonSettings
{
    public static SettingSection Read(byte[] bytes, string path)
    {
        var json = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = SettingsFile.DepthMax,
        });
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw new SetupException($"{path} must hold one JSON object.");

            var root = (SettingSection)Convert(ref json);
            json.Read();
            return root;
        }
        catch (JsonException e)
        {
            throw new SetupException($"{new SettingOrigin(path, (int)(e.LineNumber ?? 0) + 1)}: this is not JSON: {SettingsFile.OneLine(e.Message)}", e);
        }

        SettingNode Convert(ref Utf8JsonReader json)
        {
            var origin = new SettingOrigin(path, Line(json.TokenStartIndex));
            switch (json.TokenType)
            {
                case JsonTokenType.StartObject:
                    var section = new SettingSection(origin);
                    while (json.Read() && json.TokenType != JsonTokenType.EndObject)
                    {
                        var (name, line) = (json.GetString()!, Line(json.TokenStartIndex));
                        json.Read();
                        if (!section.TryAdd(name, Convert(ref json)))
                            throw new SetupException($"{new SettingOrigin(path, line)}: '{name}' is set twice in the same section.");
                    }

                    return section;
                case JsonTokenType.StartArray:
                    var items = new List<SettingNode>();
                    while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                        items.Add(Convert(ref json));
                    return new SettingList(items, origin);
                case JsonTokenType.Null:
                    return new SettingValue(null, origin);
                case JsonTokenType.String:
                    return new SettingValue(json.GetString(), origin);
                default:
                    return new SettingValue(Encoding.UTF8.GetString(json.ValueSpan), origin);
            }
        }

        // Counting from the start each time is quadratic, over a file that is bounded and small.
        int Line(long index) => 1 + bytes.AsSpan(0, (int)index).Count((byte)'\n');
    }
}
