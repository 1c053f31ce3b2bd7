namespace NodeAgent.Tests.Tail;

public sealed class RotationTests
{
    private static string Lines(string name, int from, int count) =>
        string.Concat(Enumerable.Range(from, count).Select(i => $"{name} {i:D6}\n"));

    private static IEnumerable<string> Expected(string name, int from, int count) =>
        Enumerable.Range(from, count).Select(i => $"{name} {i:D6}");

    [Theory]
    [InlineData("*.log")]
    [InlineData("*.log*")]
    public void Rename_and_create_loses_and_doubles_nothing(string glob)
    {
        using var scene = new TailScene(options => options.Tail = [Path.Combine(Path.GetDirectoryName(options.DataDirectory)!, "logs", glob)]);
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();

        scene.Append("app.log", Lines("a", 100, 50));
        File.Move(scene.In("app.log"), scene.In("app.log.1"));
        scene.Append("app.log.1", Lines("a", 150, 50));
        scene.Write("app.log", Lines("b", 0, 100));
        scene.Run();

        Assert.Equal(Expected("a", 0, 200).Concat(Expected("b", 0, 100)), scene.Messages().Order());
    }

    [Fact]
    public void A_file_renamed_out_of_the_globs_is_read_to_its_end_before_it_is_let_go()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 10));
        scene.Run();

        File.Move(scene.In("app.log"), scene.In("app.log.1"));
        scene.Run();
        scene.Append("app.log.1", Lines("a", 10, 10));
        scene.Run();
        scene.Quiet(seconds: 6);
        scene.Append("app.log.1", Lines("late", 0, 1));
        scene.Run();

        Assert.Equal(Expected("a", 0, 20), scene.Messages());
        Assert.Empty(scene.Queue.Marks());
    }

    [Fact]
    public void A_deleted_file_is_read_to_its_end_though_it_has_no_name()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 10));
        scene.Run();
        scene.Append("app.log", Lines("a", 10, 10) + "last");

        File.Delete(scene.In("app.log"));
        scene.Run();
        scene.Quiet();

        Assert.Equal(Expected("a", 0, 20).Append("last"), scene.Messages());
    }

    [Fact]
    public void A_file_deleted_and_created_anew_is_read_from_its_start()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();

        File.Delete(scene.In("app.log"));
        scene.Write("app.log", Lines("b", 0, 200));
        scene.Run();

        Assert.Equal(Expected("a", 0, 100).Concat(Expected("b", 0, 200)), scene.Messages());
    }

    [Fact]
    public void A_file_created_anew_with_the_same_inode_while_the_agent_was_away_is_another_file()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();
        scene.Restart();

        // What a reused inode looks like: same device and number, another content.
        using (var file = new FileStream(scene.In("app.log"), FileMode.Open, FileAccess.Write))
        {
            file.SetLength(0);
            file.Write(System.Text.Encoding.UTF8.GetBytes(Lines("b", 0, 200)));
        }

        scene.Run();

        Assert.Equal(Expected("a", 0, 100).Concat(Expected("b", 0, 200)), scene.Messages());
    }

    [Theory]
    [InlineData("*.log", false)]
    [InlineData("*.log*", false)]
    [InlineData("*.log*", true)]
    public void Copytruncate_loses_nothing_that_the_copy_holds_and_doubles_nothing(string glob, bool lookBetween)
    {
        using var scene = new TailScene(options => options.Tail = [Path.Combine(Path.GetDirectoryName(options.DataDirectory)!, "logs", glob)]);
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();

        scene.Append("app.log", Lines("a", 100, 50));
        File.Copy(scene.In("app.log"), scene.In("app.log.1"));
        if (lookBetween)
            scene.Run();
        Truncate(scene.In("app.log"));
        scene.Append("app.log", Lines("b", 0, 10));
        scene.Run();
        scene.Quiet();

        Assert.Equal(Expected("a", 0, 150).Concat(Expected("b", 0, 10)), scene.Messages().Order());
    }

    [Fact]
    public void Copytruncate_while_the_agent_is_away_loses_nothing()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();
        scene.Restart();

        scene.Append("app.log", Lines("a", 100, 50));
        File.Copy(scene.In("app.log"), scene.In("app-20260101.log"));
        Truncate(scene.In("app.log"));
        scene.Append("app.log", Lines("b", 0, 500));
        scene.Run();
        scene.Restart();
        scene.Run();

        Assert.Equal(Expected("a", 0, 150).Concat(Expected("b", 0, 500)), scene.Messages().Order());
    }

    [Fact]
    public void A_truncated_file_that_outgrew_its_old_position_is_known_by_its_head()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 10));
        scene.Run();

        Truncate(scene.In("app.log"));
        scene.Append("app.log", Lines("b", 0, 5000));
        scene.Run();

        Assert.Equal(Expected("a", 0, 10).Concat(Expected("b", 0, 5000)), scene.Messages());
    }

    [Fact]
    public void Rotation_while_the_agent_is_away_loses_and_doubles_nothing()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();
        scene.Restart();

        scene.Append("app.log", Lines("a", 100, 50));
        File.Move(scene.In("app.log"), scene.In("app.log.1"));
        scene.Write("app.log", Lines("b", 0, 10));
        scene.Run();
        scene.Restart();
        scene.Run();

        Assert.Equal(Expected("a", 0, 150).Concat(Expected("b", 0, 10)), scene.Messages().Order());
    }

    [Fact]
    public void Ten_rotations_with_a_restart_after_each_lose_and_double_nothing()
    {
        using var scene = new TailScene(options => options.Tail = [Path.Combine(Path.GetDirectoryName(options.DataDirectory)!, "logs", "*.log*")]);
        for (var round = 0; round < 10; round++)
        {
            scene.Append("app.log", Lines("a", round * 20, 10));
            if (round % 2 == 0)
                scene.Run();
            scene.Append("app.log", Lines("a", round * 20 + 10, 10));
            for (var n = round; n > 0; n--)
                File.Move(scene.In($"app.log.{n}"), scene.In($"app.log.{n + 1}"));
            File.Move(scene.In("app.log"), scene.In("app.log.1"));
            scene.Write("app.log", "");
            if (round % 3 != 0)
                scene.Restart();
            scene.Run();
        }

        Assert.Equal(Expected("a", 0, 200), scene.Messages().Order());
    }

    [Fact]
    public void A_copy_of_a_file_under_a_name_that_rotation_does_not_give_is_a_file_of_its_own()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 100));
        scene.Run();

        File.Copy(scene.In("app.log"), scene.In("other.log"));
        scene.Run();

        Assert.Equal(200, scene.Messages().Count);
    }

    [Fact]
    public void Two_names_of_one_file_are_read_once()
    {
        using var scene = new TailScene();
        scene.Write("app.log", Lines("a", 0, 10));
        File.CreateSymbolicLink(scene.In("link.log"), scene.In("app.log"));

        scene.Run();

        Assert.Equal(10, scene.Messages().Count);
    }

    private static void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }
}
