using Broker.Log;
using FsCheck;
using FsCheck.Fluent;
using Kafka.Protocol;

namespace Broker.Tests.Log;

public sealed class RecoveryTests
{
    [Fact]
    public void Cut_at_any_byte_a_log_keeps_every_whole_batch_and_nothing_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<PositiveInt>(), (cut, count) =>
        {
            var batches = count.Get % 20 + 1;
            using var scene = new LogScene();
            var ends = new List<long>();
            for (var i = 0; i < batches; i++)
            {
                scene.Log.Append(Batches.Of($"{i}", new string('x', i * 7)));
                ends.Add(scene.Log.SizeBytes);
            }

            var keep = cut.Get * 37L % (ends[^1] + 1);
            scene.CrashAndRecover(_ => Truncate(scene.SegmentFiles[0], keep));

            var whole = ends.Count(end => end <= keep);
            return scene.Log.EndOffset == 2 * whole
                && scene.ReadAll().Count == 2 * whole
                && new FileInfo(scene.SegmentFiles[0]).Length == (whole == 0 ? 0 : ends[whole - 1])
                && scene.Log.Append(Batches.Of("next")).BaseOffset == 2 * whole;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(5000)]
    public void A_tail_of_zeros_is_cut(int zeros)
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("a", "b"));
        var length = scene.Log.SizeBytes;

        scene.CrashAndRecover(_ => AppendBytes(scene.SegmentFiles[0], new byte[zeros]));

        Assert.Equal([(0, "a"), (1, "b")], scene.ReadAll());
        Assert.Equal(length, new FileInfo(scene.SegmentFiles[0]).Length);
    }

    [Fact]
    public void A_batch_with_a_flipped_bit_is_cut_with_all_after_it()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("a"));
        var good = (int)scene.Log.SizeBytes;
        scene.Log.Append(Batches.Of("b"));
        scene.Log.Append(Batches.Of("c"));

        scene.CrashAndRecover(_ => Flip(scene.SegmentFiles[0], good + RecordBatchHeader.Bytes + 3));

        Assert.Equal([(0, "a")], scene.ReadAll());
    }

    [Fact]
    public void A_segment_behind_a_damaged_one_is_set_aside_not_deleted()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 500 });
        for (var i = 0; i < 20; i++)
            scene.Log.Append(Batches.Of($"{i}"));
        var files = scene.SegmentFiles;
        Assert.True(files.Length > 2);

        scene.CrashAndRecover(_ => Flip(files[0], RecordBatchHeader.Bytes + 3));

        Assert.Equal(0, scene.Log.EndOffset);
        Assert.Equal(files.Length - 1, Directory.GetFiles(scene.Directory, "*.aside").Length);
    }

    [Fact]
    public void Producers_are_remembered_after_a_crash()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 1000 });
        for (var i = 0; i < 50; i++)
            scene.Log.Append(Batches.From(7, 0, i, $"{i}"));

        scene.CrashAndRecover();

        var again = scene.Log.Append(Batches.From(7, 0, 47, "47"));
        Assert.Equal((AppendStatus.Duplicate, 47L), (again.Status, again.BaseOffset));
        Assert.Equal(AppendStatus.Appended, scene.Log.Append(Batches.From(7, 0, 50, "50")).Status);
    }

    [Fact]
    public async Task Producers_are_remembered_when_the_batches_that_told_of_them_are_gone()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 500, RetentionBytes = 0 });
        scene.Log.Append(Batches.From(7, 0, 0, "a"));
        for (var i = 0; i < 50; i++)
            scene.Log.Append(Batches.Of($"{i}"));
        await scene.FlushAsync();
        scene.Log.Sweep(scene.Time.GetUtcNow(), TimeSpan.FromDays(1));

        scene.CrashAndRecover();

        Assert.True(scene.Log.LogStartOffset > 0);
        Assert.Equal(AppendStatus.Duplicate, scene.Log.Append(Batches.From(7, 0, 0, "a")).Status);
    }

    [Theory]
    [InlineData("*.producers")]
    [InlineData("*.index")]
    public void Files_beside_the_log_can_be_lost_or_damaged(string pattern)
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 1000 });
        for (var i = 0; i < 50; i++)
            scene.Log.Append(Batches.From(7, 0, i, $"{i}"));
        var before = scene.ReadAll();
        scene.Restart();
        var files = Directory.GetFiles(scene.Directory, pattern);
        Assert.NotEmpty(files);

        scene.CrashAndRecover(_ => Array.ForEach(files, file => Flip(file, (int)new FileInfo(file).Length / 2)));
        Assert.Equal(before, scene.ReadAll());
        scene.CrashAndRecover(_ => Array.ForEach(Directory.GetFiles(scene.Directory, pattern), File.Delete));

        Assert.Equal(before, scene.ReadAll());
        Assert.Equal(AppendStatus.Duplicate, scene.Log.Append(Batches.From(7, 0, 49, "49")).Status);
    }

    [Fact]
    public void A_log_closed_cleanly_need_not_be_walked()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("a", "b"));

        scene.Log.Close();

        using var segment = LogSegment.TryOpenSealed(scene.SegmentFiles[0], 0, scene.Time.GetUtcNow());
        Assert.Equal(2, segment?.NextOffset);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void AppendBytes(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Append);
        file.Write(bytes);
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }
}
