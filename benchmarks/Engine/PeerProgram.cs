using System.Diagnostics;

namespace Benchmarks.Engine;

/// <summary>Where Kafka Streams can be run to measure it: the peer's script beside this repository, and what we have written on its libraries.</summary>
/// <param name="script">The script; null where there is no peer.</param>
internal sealed class PeerProgram(string? script)
{
    /// <param name="script">The peer's script; empty to look beside the repository; "none" to measure without it.</param>
    public static PeerProgram At(string script) => new(script switch
    {
        "" => Find(),
        "none" => null,
        _ => script,
    });

    /// <summary>The peer's own benchmarks, separated by commas.</summary>
    public ProcessStartInfo? Bench(string names, params IEnumerable<string> options) =>
        script is null ? null : new(script, ["bench", names, .. options]);

    /// <summary>A Java file of <c>Peer/</c>, compiled as it starts, in a JVM set up as the peer's.</summary>
    public ProcessStartInfo? Java(string file, params IEnumerable<string> arguments)
    {
        if (script is null)
            return null;

        var folder = Path.GetDirectoryName(Path.GetFullPath(script))!;
        return new("java",
        [
            $"-Dlog4j2.configurationFile={Path.Combine(folder, "log4j2.properties")}",
            "-Xmx1g",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-cp",
            string.Join(Path.PathSeparator, Path.Combine(folder, "libs", "*"), Path.Combine(folder, "..", "kafka", "libs", "*")),
            Path.Combine(AppContext.BaseDirectory, "Engine", "Peer", file),
            .. arguments,
        ]);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "shared", "kafka-streams", "streams-peer");
            if (File.Exists(script))
                return script;
        }

        return null;
    }
}
