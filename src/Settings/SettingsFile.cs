namespace Settings;

/// <summary>Reads a YAML or JSON file into nodes that know their lines.</summary>
internal static class SettingsFile
{
    /// <summary>Largest file read. Settings are kilobytes; a larger file is the wrong file.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>Most values in one file, YAML aliases counted where they expand: a short file can name itself a billion times.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Deepest nesting of sections.</summary>
    public const int DepthMax = 64;

    public static SettingSection Read(string path)
    {
        var bytes = ReadBytes(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => JsonSettings.Read(bytes, path),
            ".YAML" or ".YML" => YamlSettings.Read(bytes, path),
            var other => throw new SetupException($"Cannot tell what {path} is by its ending '{other}'; use .yaml, .yml or .json."),
        };
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > BytesMax)
                throw new SetupException($"{path} has {file.Length:N0} bytes; a settings file has at most {BytesMax:N0}. Is it the right file?");

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SetupException($"There is no settings file {Path.GetFullPath(path)}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"Cannot read the settings file {path}: {e.Message}", e);
        }
    }

    /// <summary>A parser's message, which may hold line breaks, as one line.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
