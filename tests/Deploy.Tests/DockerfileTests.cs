using System.Text.RegularExpressions;
using TestKit;

namespace Deploy.Tests;

/// <summary>The Dockerfile, as far as it can be followed without a container.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile")).Replace("\\\n", "", StringComparison.Ordinal);

    // COPY instructions that take from the repository: each source, and where it goes.
    private static IEnumerable<(string Source, string Target)> Copies =>
        from copy in Copy().Matches(Text)
        let paths = copy.Groups["paths"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        from pattern in paths[..^1]
        from source in Matches(pattern)
        select (source, copy.Groups["parents"].Success ? source : paths[^1] == "./" ? Path.GetFileName(source) : paths[^1]);

    [Fact]
    public void Everything_that_is_copied_exists_and_is_sent_to_the_builder()
    {
        var sent = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToHashSet();

        foreach (var (source, _) in Copies)
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), $"The Dockerfile copies {source}, which does not exist.");
            Assert.Contains(source.Split('/')[0], sent);
        }
    }

    [Fact]
    public void Packages_are_restored_for_every_project_that_the_command_is_made_of() =>
        Assert.Subset(Copies.Select(copy => copy.Source).ToHashSet(), Projects().ToHashSet());

    [Fact]
    public void The_image_has_the_native_libraries_that_its_projects_need()
    {
        Assert.Matches(@"apt-get install .*\blibrdkafka1\b", Text);
        Assert.Equal(Projects().Contains("src/Streams.RocksDb/Streams.RocksDb.csproj"), Text.Contains("librocksdb", StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_does_not_run_as_root() =>
        Assert.Matches(@"\nUSER \$APP_UID\n(?!.*\nUSER )", Text);

    [SkippableFact]
    public async Task Its_own_commands_build_the_program_from_what_it_copies()
    {
        Skip.If(Environment.GetEnvironmentVariable("STREAMS_LONG") is null, "a whole build: set STREAMS_LONG=1");
        using var folder = new TempDirectory();
        var commands = Run().Matches(Text).Select(run => run.Groups["command"].Value
            .Replace("$TARGETARCH", "amd64", StringComparison.Ordinal).Replace("/app", folder.Combine("app"), StringComparison.Ordinal));
        foreach (var (source, target) in Copies)
            CopyTo(Path.Combine(Repository.Root, source), Path.Combine(folder.Path, target));

        foreach (var command in commands.Where(command => command.StartsWith("dotnet ", StringComparison.Ordinal)))
        {
            var answer = await Commands.RunAsync("sh", ["-c", $"cd {folder.Path} && {command}"]);
            Assert.True(answer.ExitCode == 0, $"{command}: {answer}");
        }

        var help = await Commands.RunAsync("dotnet", [folder.Combine("app", "streams-cli.dll"), "--help"]);
        Assert.Equal(0, help.ExitCode);
    }

    private static SortedSet<string> Projects()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        Find("src/Cli/Cli.csproj");
        return found;

        void Find(string project)
        {
            if (!found.Add(project))
                return;
            var path = Path.Combine(Repository.Root, project);
            foreach (Match reference in Reference().Matches(File.ReadAllText(path)))
                Find(Path.GetRelativePath(Repository.Root, Path.Combine(Path.GetDirectoryName(path)!, reference.Groups["path"].Value)));
        }
    }

    // "src/*/*.csproj": stars for whole names of folders, or within the name of a file.
    private static IEnumerable<string> Matches(string pattern)
    {
        IEnumerable<string> found = [""];
        foreach (var name in pattern.Split('/'))
        {
            found = name.Contains('*')
                ? found.SelectMany(folder => Entries(folder, name))
                    .Select(path => Path.GetRelativePath(Repository.Root, path))
                : found.Select(folder => Path.Combine(folder, name)).Where(path => !pattern.Contains('*') || Path.Exists(Path.Combine(Repository.Root, path)));
            found = found.Order(StringComparer.Ordinal).ToList();
        }

        return found;
    }

    private static IEnumerable<string> Entries(string folder, string pattern)
    {
        var path = Path.Combine(Repository.Root, folder);
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path, pattern) : [];
    }

    // Builders get no bin and obj (.dockerignore).
    private static void CopyTo(string source, string target)
    {
        if (Directory.Exists(source))
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(source).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj")))
                CopyTo(entry, Path.Combine(target, Path.GetFileName(entry)));
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(source, target, overwrite: true);
    }

    [GeneratedRegex(@"^COPY --link (?!--from)(?<parents>--parents )?(?<paths>.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^RUN (?<command>.+)$", RegexOptions.Multiline)]
    private static partial Regex Run();

    [GeneratedRegex("ProjectReference Include=\"(?<path>[^\"]+)\"")]
    private static partial Regex Reference();
}
