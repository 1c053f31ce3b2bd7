using NodeAgent.Tail;
using TestKit;

namespace NodeAgent.Tests.Tail;

public sealed class FindingFilesTests
{
    [Theory]
    [InlineData("*.log", "app.log", true)]
    [InlineData("*.log", "app.log.1", false)]
    [InlineData("*.log", ".hidden.log", false)]
    [InlineData(".*", ".hidden.log", true)]
    [InlineData("app?.log", "app1.log", true)]
    [InlineData("app?.log", "app.log", false)]
    [InlineData("app[0-9].log", "app7.log", true)]
    [InlineData("app[!0-9].log", "app7.log", false)]
    [InlineData("app[]x].log", "app].log", true)]
    [InlineData("app[.log", "app[.log", true)]
    [InlineData("*a*b*c", "xaxbxbxc", true)]
    [InlineData("*a*b*c", "xaxcxb", false)]
    [InlineData("", "", true)]
    public void A_name_matches_as_in_a_shell(string pattern, string name, bool expected) =>
        Assert.Equal(expected, GlobPattern.IsMatch(pattern, name));

    [Theory]
    [InlineData("*.log", "a.log")]
    [InlineData("**/*.log", "a.log x/b.log x/y/c.log")]
    [InlineData("x/**", "x/b.log x/y/c.log x/y/d.txt")]
    [InlineData("*/b.log", "x/b.log")]
    [InlineData("x/y/d.txt", "x/y/d.txt")]
    [InlineData("x/../a.log", "a.log")]
    [InlineData("none/*.log", "")]
    [InlineData("none.log", "")]
    public void A_glob_finds_files_in_folders(string glob, string expected)
    {
        using var root = new TempDirectory();
        Directory.CreateDirectory(root.Combine("x", "y"));
        foreach (var file in new[] { "a.log", "x/b.log", "x/y/c.log", "x/y/d.txt", ".z.log" })
            File.WriteAllText(root.Combine(file), "");
        Directory.CreateSymbolicLink(root.Combine("x", "y", "circle"), root.Path);

        var found = GlobPattern.Parse(root.Combine(glob)).Matches((_, error) => throw error);

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.Select(path => Path.GetRelativePath(root.Path, path)).Order());
    }

    [Fact]
    public void A_relative_glob_starts_at_the_working_folder()
    {
        var glob = GlobPattern.Parse("../somewhere/*.log");

        Assert.Equal(Path.GetFullPath("../somewhere"), glob.Root);
    }

    [Fact]
    public void A_glob_without_files_is_warned_about_once_and_looked_after()
    {
        using var scene = new TailScene();
        scene.Run();
        scene.Run();
        Assert.Contains("*.log", Assert.Single(scene.Log.Warnings));

        scene.Write("late.log", "here\n");
        scene.Run();

        Assert.Equal(["here"], scene.Messages());
    }

    [Fact]
    public void What_is_no_file_is_warned_about_once_and_left_alone()
    {
        using var scene = new TailScene(options => options.Tail = [Path.GetDirectoryName(options.DataDirectory)! + "/logs/*", Path.GetDirectoryName(options.DataDirectory)!]);
        scene.Write("a.log", "fine\n");

        scene.Run();
        scene.Run();

        Assert.Contains("folder", Assert.Single(scene.Log.Warnings));
        Assert.Equal(["fine"], scene.Messages());
    }

    [Fact]
    public void Compressed_files_are_left_alone()
    {
        using var scene = new TailScene(options => options.Tail = [Path.GetDirectoryName(options.DataDirectory)! + "/logs/*"]);
        scene.Write("app.log.2.gz", "binary\n");
        scene.Write("app.log", "text\n");

        scene.Run();

        Assert.Equal(["text"], scene.Messages());
    }

    [Fact]
    public void From_the_end_takes_only_what_comes_after_the_first_start()
    {
        using var scene = new TailScene(options => options.From = TailFrom.End);
        scene.Write("old.log", "before\n");
        scene.Run();

        scene.Append("old.log", "after\n");
        scene.Write("new.log", "new\n");
        scene.Run();
        scene.Restart();
        scene.Append("old.log", "again\n");
        scene.Write("newer.log", "newer\n");
        scene.Run();

        Assert.Equal(["after", "again", "new", "newer"], scene.Messages().Order());
    }

    [Fact]
    public void More_files_than_the_bound_wait_until_others_go()
    {
        using var scene = new TailScene(options => options.Read.FilesMax = 2);
        foreach (var name in new[] { "a", "b", "c" })
            scene.Write($"{name}.log", $"{name}\n");
        scene.Run();
        Assert.Equal(["a", "b"], scene.Messages());
        Assert.Contains("c.log", Assert.Single(scene.Log.Warnings));

        File.Delete(scene.In("a.log"));
        scene.Run();
        scene.Quiet(seconds: 6);
        scene.Run();

        Assert.Equal(["a", "b", "c"], scene.Messages());
    }

    [Fact]
    public void At_the_queues_bound_reading_pauses_and_goes_on_when_records_were_acknowledged()
    {
        using var scene = new TailScene(options => options.Queue = new QueueOptions { BytesMax = 128 << 10, SegmentBytes = 32 << 10 });
        var lines = Enumerable.Range(0, 20_000).Select(i => $"line {i:D6}").ToArray();
        scene.Write("a.log", string.Join('\n', lines) + "\n");

        var seen = new List<string>();
        for (var round = 0; seen.Count < lines.Length; round++)
        {
            Assert.True(round < 1000, "The queue never gets room again.");
            scene.Run();
            Assert.True(Directory.EnumerateFiles(scene.Options.DataDirectory).Sum(path => new FileInfo(path).Length) < 160 << 10);
            seen.AddRange(scene.Messages());
            scene.Queue.Acknowledge(scene.Queue.Epoch, scene.Queue.NextSequence - 1);
        }

        Assert.Equal(lines, seen);
    }
}
