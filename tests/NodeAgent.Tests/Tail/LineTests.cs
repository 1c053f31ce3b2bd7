using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Streams.Contracts.V1;

namespace NodeAgent.Tests.Tail;

public sealed class LineTests
{
    [Fact]
    public void Lines_lose_their_ends_and_nothing_else()
    {
        using var scene = new TailScene();
        scene.Write("a.log", "one\ntwo\r\n\n  three \r\n");

        scene.Run();

        Assert.Equal(["one", "two", "", "  three "], scene.Messages());
    }

    [Fact]
    public void A_record_says_whose_it_is_where_it_came_from_and_when_it_was_read()
    {
        using var scene = new TailScene();
        scene.Write("shop.access.log", "hello\n");

        scene.Run();

        var record = Assert.Single(scene.Records());
        Assert.Equal("n1", record.NodeId);
        Assert.Equal("shop", record.Service);
        Assert.Equal(scene.In("shop.access.log"), record.Source);
        Assert.Equal(scene.Time.GetUtcNow(), record.Time.ToDateTimeOffset());
        Assert.Equal(1UL, record.Position.Sequence);
        Assert.Empty(record.Attributes);
    }

    [Fact]
    public void A_leading_time_stamp_is_the_records_time()
    {
        using var scene = new TailScene();
        scene.Time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("two", TimeSpan.FromHours(2), "two", "two"));
        scene.Write("a.log", "2015-07-29 17:41:41,536 - INFO  - here\n2015-07-29T17:41:41Z there\n");

        scene.Run();

        Assert.Equal(
            [new DateTimeOffset(2015, 7, 29, 15, 41, 41, 536, TimeSpan.Zero), new DateTimeOffset(2015, 7, 29, 17, 41, 41, TimeSpan.Zero)],
            scene.Records().Select(record => record.Time.ToDateTimeOffset()));
    }

    [Fact]
    public void A_last_line_without_end_is_shipped_once_it_has_been_quiet()
    {
        using var scene = new TailScene();
        scene.Write("a.log", "one\nlast");
        scene.Run();
        Assert.Equal(["one"], scene.Messages());

        scene.Quiet();
        scene.Quiet();

        Assert.Equal(["one", "last"], scene.Messages());
    }

    [Theory]
    [InlineData("last", "\nnext\n", new[] { "last", "next" })]
    [InlineData("last\r", "\nnext\n", new[] { "last", "next" })]
    [InlineData("last", "\r\nnext\n", new[] { "last", "next" })]
    [InlineData("last", " word\nnext\n", new[] { "last", " word", "next" })]
    [InlineData("last", "\n\nnext\n", new[] { "last", "", "next" })]
    public void A_line_end_that_comes_late_ends_the_line_that_was_shipped(string first, string later, string[] expected)
    {
        using var scene = new TailScene();
        scene.Write("a.log", first);
        scene.Run();
        scene.Quiet();

        scene.Append("a.log", later);
        scene.Run();

        Assert.Equal(expected, scene.Messages());
    }

    [Fact]
    public void What_continues_a_shipped_line_says_so_even_after_a_restart()
    {
        using var scene = new TailScene();
        scene.Write("a.log", "ERROR half");
        scene.Run();
        scene.Quiet();

        scene.Restart();
        scene.Append("a.log", "way\n");
        scene.Run();

        Assert.Equal(["ERROR half", "way"], scene.Messages());
        Assert.Equal("true", scene.Records()[1].Attributes["log.continued"]);
    }

    [Fact]
    public void A_line_that_grows_slowly_is_one_record()
    {
        using var scene = new TailScene();
        foreach (var part in new[] { "slow", "ly", " but", " whole" })
        {
            scene.Append("a.log", part);
            scene.Time.Advance(TimeSpan.FromMilliseconds(800));
            scene.Run();
        }

        scene.Append("a.log", "\n");
        scene.Run();

        Assert.Equal(["slowly but whole"], scene.Messages());
    }

    [Theory]
    [InlineData(10 << 20, true)]
    [InlineData(10 << 20, false)]
    [InlineData((256 << 10) + 1, true)]
    public void A_line_over_the_limit_is_cut_marked_and_warned_about_once(int bytes, bool ended)
    {
        using var scene = new TailScene();
        scene.Write("a.log", new string('x', bytes) + (ended ? "\r\nnext\n" : ""));

        scene.Run();
        scene.Quiet();

        var record = scene.Records()[0];
        Assert.Equal(new string('x', 256 << 10), record.Message);
        Assert.Equal("true", record.Attributes["log.truncated"]);
        Assert.Equal($"{bytes}", record.Attributes["log.original_bytes"]);
        Assert.Equal(ended ? ["next"] : [], scene.Messages().Skip(1));
        Assert.Contains(scene.In("a.log"), Assert.Single(scene.Log.Warnings));
    }

    [Fact]
    public void A_line_at_the_limit_is_whole()
    {
        using var scene = new TailScene();
        scene.Write("a.log", new string('x', 256 << 10) + "\n");

        scene.Run();

        var record = Assert.Single(scene.Records());
        Assert.Equal(256 << 10, record.Message.Length);
        Assert.Empty(record.Attributes);
    }

    [Fact]
    public void A_cut_never_splits_a_character()
    {
        using var scene = new TailScene(options => options.Read.RecordBytesMax = 1024);
        scene.Write("a.log", "x" + string.Concat(Enumerable.Repeat("€", 1000)) + "\n");

        scene.Run();

        var record = Assert.Single(scene.Records());
        Assert.Equal("x" + string.Concat(Enumerable.Repeat("€", 341)), record.Message);
        Assert.Equal("3001", record.Attributes["log.original_bytes"]);
        Assert.False(record.Attributes.ContainsKey("log.invalid_utf8"));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_become_replacement_characters_marked_and_warned_about_once()
    {
        using var scene = new TailScene();
        File.WriteAllBytes(scene.In("a.log"), [.. "caf"u8, 0xE9, .. "\nna"u8, 0xEF, .. "ve\nfine\0nul\n"u8]);

        scene.Run();

        Assert.Equal(["caf\uFFFD", "na\uFFFDve", "fine\0nul"], scene.Messages());
        Assert.Equal(["true", "true", null], scene.Records().Select(record => record.Attributes.GetValueOrDefault("log.invalid_utf8")));
        Assert.Single(scene.Log.Warnings);
    }

    [Fact]
    public void Random_bytes_are_read_line_by_line_to_their_end()
    {
        Prop.ForAll<int>(seed =>
        {
            using var scene = new TailScene(options => options.Read.RecordBytesMax = 1024);
            var bytes = new byte[20_000];
            new Random(seed).NextBytes(bytes);
            File.WriteAllBytes(scene.In("a.log"), bytes);

            scene.Run();
            scene.Quiet();

            var lines = bytes.Count(b => b == (byte)'\n') + (bytes[^1] == (byte)'\n' ? 0 : 1);
            return scene.Messages().Count == lines && scene.Messages().All(message => Encoding.UTF8.GetByteCount(message) <= 1024);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10));
    }

    [Fact]
    public void Any_lines_come_out_as_they_went_in_however_they_were_appended()
    {
        var letters = Gen.Elements('a', 'Z', ' ', '€', '\0', '{', '[', '"', '\t', 'é');
        var line = Gen.ListOf(letters).Select(chars => string.Concat(chars));
        var scenes = Gen.Zip(Gen.ListOf(line), Gen.Choose(1, 50)).ToArbitrary();
        Prop.ForAll(scenes, given =>
        {
            var (lines, step) = given;
            using var scene = new TailScene();
            var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(text => text + "\n")));
            scene.Write("a.log", "");
            scene.Run();
            using (var file = new FileStream(scene.In("a.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
                for (var at = 0; at < bytes.Length; at += step)
                {
                    file.Write(bytes, at, Math.Min(step, bytes.Length - at));
                    file.Flush();
                    scene.Read();
                }
            }

            return scene.Messages().SequenceEqual(lines);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }
}
