namespace Cli;

/// <summary>An exception nobody planned for: one line for the user, everything else in a file.</summary>
internal static class Bug
{
    /// <summary>Writes the details to a file.</summary>
    /// <returns>What to tell the user.</returns>
    public static string Report(Exception exception)
    {
        var file = Path.Combine(Path.GetTempPath(), $"streams-bug-{Environment.ProcessId}.log");
        try
        {
            File.AppendAllText(file, exception + Environment.NewLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{OneLine(exception)} This is a bug; its details could not be written to {file}: {e.Message}";
        }

        return $"{OneLine(exception)} This is a bug; details are in {file}.";
    }

    private static string OneLine(Exception exception) =>
        $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
}
