using LoadTesting.Reports.Html;
using LoadTesting.Statistics;

namespace LoadTesting.Reports;

/// <summary>Where reports go. Tried before a run: what took an hour to measure should not find its folder full or closed.</summary>
internal sealed class ReportFolder
{
    /// <summary>More than the reports of a run have.</summary>
    private const int RoomBytes = 4 << 20;

    private readonly string _path;

    private ReportFolder(string path) => _path = path;

    /// <exception cref="ReportFolderException">Nothing can be written there.</exception>
    public static ReportFolder Open(string path)
    {
        var full = Path.GetFullPath(path);
        var probe = Path.Combine(full, $".room-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(full);
            File.WriteAllBytes(probe, new byte[RoomBytes]);
            File.Delete(probe);
            return new ReportFolder(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(probe);
            throw new ReportFolderException(full, e);
        }
    }

    /// <summary>Writes all reports.</summary>
    /// <returns>The result, with the files' names or with why they could not be written.</returns>
    public RunResult Write(RunResult result)
    {
        var files = new List<string>();
        try
        {
            // A reader never sees half a report, nor a new one beside an old one for long.
            foreach (var (name, text) in new[]
            {
                ("report.txt", TextReport.Write(result)),
                ("report.json", JsonReport.Write(result)),
                ("report.html", HtmlReport.Write(result)),
            })
            {
                var path = Path.Combine(_path, name);
                File.WriteAllText(path + ".new", text);
                File.Move(path + ".new", path, overwrite: true);
                files.Add(path);
            }

            return result with { ReportFiles = files };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return result with { ReportFiles = files, ReportFault = $"Reports could not be written to {_path}: {e.Message}" };
        }
    }

    private static void TryDelete(string probe)
    {
        try
        {
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The fault that led here is the one to tell.
        }
    }
}

/// <summary>Reports cannot be written where they are meant to go.</summary>
public sealed class ReportFolderException(string folder, Exception inner)
    : Exception($"Reports cannot be written to {folder}: {inner.Message.TrimEnd('.')}. Nothing was started.", inner)
{
    /// <summary>The folder's full path.</summary>
    public string Folder { get; } = folder;
}
