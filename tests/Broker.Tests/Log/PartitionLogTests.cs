using Broker.Log;

namespace Broker.Tests.Log;

public sealed class PartitionLogTests
{
    [Fact]
    public void Batches_are_read_back_in_order_with_offsets_of_their_own()
    {
        using var scene = new LogScene();

        scene.Log.Append(Batches.Of("a", "b"));
        var second = scene.Log.Append(Batches.Of("c"));

        Assert.Equal((AppendStatus.Appended, 2L, 2L), (second.Status, second.BaseOffset, second.LastOffset));
        Assert.Equal([(0, "a"), (1, "b"), (2, "c")], scene.ReadAll());
    }

    [Fact]
    public void A_read_inside_a_batch_returns_that_whole_batch()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("a", "b", "c"));
        scene.Log.Append(Batches.Of("d"));

        using var read = scene.Log.Read(1, scene.Log.HighWatermark, 1 << 20, firstWhole: true);

        Assert.Equal([0L, 1, 2, 3], Batches.Records(read.Batches).Select(record => record.Offset));
    }

    [Fact]
    public void A_batch_larger_than_the_readers_limit_is_returned_whole_if_it_comes_first()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of(new string('x', 100_000)));

        using var first = scene.Log.Read(0, 1, bytesMax: 1000, firstWhole: true);
        using var later = scene.Log.Read(0, 1, bytesMax: 1000, firstWhole: false);

        Assert.Single(Batches.Records(first.Batches));
        Assert.True(later.IsEmpty);
    }

    [Fact]
    public void A_read_stops_at_whole_batches_below_its_limit()
    {
        using var scene = new LogScene();
        var batchBytes = Batches.Of("value").Length;
        for (var i = 0; i < 10; i++)
            scene.Log.Append(Batches.Of("value"));

        using var read = scene.Log.Read(2, 10, bytesMax: batchBytes * 3 + 1, firstWhole: true);

        Assert.Equal([2L, 3, 4], Batches.Records(read.Batches).Select(record => record.Offset));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public void Every_offset_of_a_long_log_can_be_read_across_its_segments(int segmentBytes)
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = segmentBytes });
        for (var i = 0; i < 500; i++)
            scene.Log.Append(Batches.Of($"{3 * i}", $"{3 * i + 1}", $"{3 * i + 2}"));

        for (var offset = 0; offset < 1500; offset += 7)
        {
            using var read = scene.Log.Read(offset, 1500, 300, firstWhole: true);
            Assert.Contains((offset, $"{offset}"), Batches.Records(read.Batches));
        }

        Assert.Equal(1500, scene.ReadAll().Count);
    }

    [Fact]
    public void Closed_segments_read_the_same_once_their_index_is_a_file()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 30_000 });
        for (var i = 0; i < 1000; i++)
            scene.Log.Append(Batches.Of($"{i}"));
        var before = scene.ReadAll();

        scene.Restart();

        Assert.Equal(before, scene.ReadAll());
        Assert.True(scene.SegmentFiles.Length > 2);
    }

    [Theory]
    [InlineData(Batches.Noon - 1, 0)]
    [InlineData(Batches.Noon, 0)]
    [InlineData(Batches.Noon + 1, 1)]
    [InlineData(Batches.Noon + 40_000, 40)]
    [InlineData(Batches.Noon + 40_001, 41)]
    [InlineData(Batches.Noon + 999_000, 999)]
    public void A_time_leads_to_the_first_record_at_or_after_it(long timestamp, long offset)
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 20_000 });
        for (var i = 0; i < 1000; i++)
            scene.Log.Append(Batches.At(Batches.Noon + 1000L * i, $"{i}"));

        Assert.Equal(new RecordPoint(offset, Batches.Noon + 1000 * offset), scene.Log.FirstAtOrAfter(timestamp));
        scene.Restart();
        Assert.Equal(new RecordPoint(offset, Batches.Noon + 1000 * offset), scene.Log.FirstAtOrAfter(timestamp));
    }

    [Fact]
    public void A_time_after_the_newest_record_leads_nowhere()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.At(Batches.Noon, "a"));

        Assert.Null(scene.Log.FirstAtOrAfter(Batches.Noon + 1));
        Assert.Equal(new RecordPoint(0, Batches.Noon), scene.Log.Newest());
    }

    [Fact]
    public void A_batch_sent_twice_is_appended_once_and_answered_with_its_first_offset()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("other"));
        for (var i = 0; i < 5; i++)
            scene.Log.Append(Batches.From(7, 0, i, $"{i}"));

        for (var i = 0; i < 5; i++)
        {
            var again = scene.Log.Append(Batches.From(7, 0, i, $"{i}"));
            Assert.Equal((AppendStatus.Duplicate, 1L + i), (again.Status, again.BaseOffset));
        }

        Assert.Equal(6, scene.Log.EndOffset);
    }

    [Fact]
    public void A_gap_in_a_producers_sequence_is_refused()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.From(7, 0, 0, "a", "b"));

        Assert.Equal(AppendStatus.OutOfOrderSequence, scene.Log.Append(Batches.From(7, 0, 3, "d")).Status);
        Assert.Equal(AppendStatus.Appended, scene.Log.Append(Batches.From(7, 0, 2, "c")).Status);
    }

    [Fact]
    public void A_new_epoch_starts_at_zero_and_shuts_the_old_one_out()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.From(7, 1, 0, "a"));

        Assert.Equal(AppendStatus.OutOfOrderSequence, scene.Log.Append(Batches.From(7, 2, 1, "b")).Status);
        Assert.Equal(AppendStatus.Appended, scene.Log.Append(Batches.From(7, 2, 0, "b")).Status);
        Assert.Equal(AppendStatus.StaleProducerEpoch, scene.Log.Append(Batches.From(7, 1, 1, "c")).Status);
    }

    [Fact]
    public void Sequence_numbers_go_on_at_zero_after_the_largest()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.From(7, 0, int.MaxValue - 1, "a", "b", "c"));

        Assert.Equal(AppendStatus.Appended, scene.Log.Append(Batches.From(7, 0, 1, "d")).Status);
        Assert.Equal(AppendStatus.Duplicate, scene.Log.Append(Batches.From(7, 0, int.MaxValue - 1, "a", "b", "c")).Status);
    }

    [Fact]
    public async Task With_flush_always_nobody_sees_a_record_that_is_not_on_disk()
    {
        using var scene = new LogScene(flush: FlushPolicy.Always);

        var result = scene.Log.Append(Batches.Of("a"));
        await result.Durable.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(scene.Log.IsDurable(result.LastOffset));
        Assert.Equal(1, scene.Log.HighWatermark);
    }

    [Fact]
    public void Segments_whose_newest_record_is_past_retention_go_and_the_log_starts_later()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 1000, RetentionAge = TimeSpan.FromHours(1) });
        for (var i = 0; i < 100; i++)
            scene.Log.Append(Batches.At(Batches.Noon + i * 60_000L, $"{i}"));
        scene.Time.Advance(TimeSpan.FromMinutes(130));

        var removed = scene.Log.Sweep(scene.Time.GetUtcNow(), TimeSpan.FromDays(1));

        Assert.True(removed > 0);
        Assert.InRange(scene.Log.LogStartOffset, 50, 70); // records 0 to 69 are too old; whole segments go
        Assert.Equal(scene.Log.LogStartOffset, scene.ReadAll(scene.Log.LogStartOffset)[0].Offset);
        Assert.Equal(99, scene.ReadAll(scene.Log.LogStartOffset)[^1].Offset);
    }

    [Fact]
    public void A_log_that_is_old_as_a_whole_becomes_empty_and_goes_on_counting()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.Of("a", "b"));
        scene.Time.Advance(TimeSpan.FromDays(8));

        scene.Log.Sweep(scene.Time.GetUtcNow(), TimeSpan.FromDays(1));

        Assert.Equal((2L, 2L), (scene.Log.LogStartOffset, scene.Log.EndOffset));
        scene.CrashAndRecover();
        Assert.Equal((2L, 2L), (scene.Log.LogStartOffset, scene.Log.EndOffset));
        Assert.Equal(2, scene.Log.Append(Batches.Of("c")).BaseOffset);
    }

    [Fact]
    public void Retention_by_size_keeps_at_least_that_much()
    {
        using var scene = new LogScene(LogScene.Defaults with { SegmentBytes = 1000, RetentionBytes = 5000 });
        for (var i = 0; i < 200; i++)
            scene.Log.Append(Batches.Of($"{i}"));

        scene.Log.Sweep(scene.Time.GetUtcNow(), TimeSpan.FromDays(1));

        Assert.InRange(scene.Log.SizeBytes, 5000, 6100);
        Assert.Equal(199, scene.ReadAll(scene.Log.LogStartOffset)[^1].Offset);
    }

    [Fact]
    public void An_idle_producer_is_forgotten_and_may_start_anywhere()
    {
        using var scene = new LogScene();
        scene.Log.Append(Batches.From(7, 0, 0, "a"));
        scene.Time.Advance(TimeSpan.FromHours(25));

        scene.Log.Sweep(scene.Time.GetUtcNow(), TimeSpan.FromHours(24));

        Assert.Equal(AppendStatus.Appended, scene.Log.Append(Batches.From(7, 0, 9, "b")).Status);
    }
}
