using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>Where a record's time comes from, and what happens where there is none.</summary>
public sealed class TimestampExtractorTests
{
    [Fact]
    public void A_negative_time_is_an_error_by_default()
    {
        using var scene = Scene(TimestampExtractor.FailOnInvalidTimestamp);

        var error = Assert.Throws<DeserializationException>(() => scene.In.PipeInput("k", "v", -1));

        Assert.Equal(DeserializationOrigin.Timestamp, error.Details.Origin);
        Assert.Contains("cannot tell the time of the record at offset 0 of in-0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_and_skip_drops_the_record_and_counts_it()
    {
        using var scene = Scene(TimestampExtractor.LogAndSkipOnInvalidTimestamp);

        scene.In.PipeInput("k", "v", -1);
        scene.In.PipeInput("k", "w", 5);

        Assert.Equal(["w"], scene.Out.ReadValuesToList());
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void Partition_time_stands_in_for_an_invalid_time()
    {
        using var scene = Scene(TimestampExtractor.UsePartitionTimeOnInvalidTimestamp);

        scene.In.PipeInput("k", "a", 9);
        scene.In.PipeInput("k", "b", 7);
        scene.In.PipeInput("k", "c", -1);

        Assert.Equal([9, 7, 9], scene.Out.ReadRecordsToList().Select(r => r.Timestamp));
    }

    [Fact]
    public void Partition_time_fails_where_no_record_had_one_before()
    {
        using var scene = Scene(TimestampExtractor.UsePartitionTimeOnInvalidTimestamp);

        Assert.Throws<DeserializationException>(() => scene.In.PipeInput("k", "v", -1));
    }

    [Fact]
    public void Wallclock_time_is_the_drivers_clock_whatever_the_record_says()
    {
        using var scene = Scene(TimestampExtractor.WallclockTime);
        scene.Driver.AdvanceWallClockTime(TimeSpan.FromSeconds(3));

        scene.In.PipeInput("k", "v", 77);

        Assert.Equal(3000, scene.Out.ReadRecord().Timestamp);
    }

    [Fact]
    public void A_sources_own_extractor_goes_before_the_default_one()
    {
        using var scene = new ErrorScene(
            b => b.Stream("in", new Consumed<string, string>().WithTimestampExtractor((in record, _) => long.Parse(record.Value, null))).To("out"),
            c => c.DefaultTimestampExtractor = TimestampExtractor.WallclockTime);

        scene.In.PipeInput("k", "42", 7);

        Assert.Equal(42, scene.Out.ReadRecord().Timestamp);
    }

    [Fact]
    public void An_extractor_that_fails_stops_the_task_unless_the_handler_says_otherwise()
    {
        using var scene = new ErrorScene(
            b => b.Stream("in", new Consumed<string, string>().WithTimestampExtractor((in record, _) => long.Parse(record.Value, null))).To("out"),
            c => c.DeserializationErrors = error => error.Origin == DeserializationOrigin.Timestamp ? ErrorResponse.Continue : ErrorResponse.Fail);

        scene.In.PipeInput("k", "no time", 7);
        scene.In.PipeInput("k", "42", 7);

        Assert.Equal(["42"], scene.Out.ReadValuesToList());
    }

    private static ErrorScene Scene(TimestampExtractor extractor) =>
        new(b => b.Stream<string, string>("in").To("out"), c => c.DefaultTimestampExtractor = extractor);
}
