using FsCheck;
using FsCheck.Fluent;
using Streams.Tests.Joins;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Dsl;

/// <summary>Records that say the same again within a time are dropped.</summary>
public sealed class DropDuplicatesTests
{
    private const int Within = 10;

    [Theory]
    [InlineData(90, false)]
    [InlineData(89, true)]
    [InlineData(100, false)]
    [InlineData(110, false)]
    [InlineData(111, true)]
    public void A_record_is_dropped_where_one_of_its_key_passed_at_most_so_long_before_or_after_it(long at, bool passes)
    {
        using var scene = ByKey();
        Assert.Equal(["k a@100"], scene.Pipe("k", "a", 100));

        Assert.Equal(passes, scene.Pipe("k", "b", at).Length == 1);
        Assert.Equal([$"other c@{at}"], scene.Pipe("other", "c", at));
    }

    [Fact]
    public void Only_records_that_passed_count()
    {
        using var scene = ByKey();

        Assert.Equal(["k a@100"], scene.Pipe("k", "a", 100));
        Assert.Empty(scene.Pipe("k", "b", 109));
        Assert.Equal(["k c@118"], scene.Pipe("k", "c", 118));
    }

    [Fact]
    public void By_an_id_records_of_any_key_are_duplicates_of_each_other_and_those_without_an_id_of_none()
    {
        using var scene = new OneTopicScene(b => b.Stream<string, string>("in")
            .DropDuplicates((_, value) => value.StartsWith('-') ? null! : value, Ms(Within), new Deduplicated<string>().WithIdSerde(Serdes.String)));

        Assert.Equal(["k1 a@100"], scene.Pipe("k1", "a", 100));
        Assert.Empty(scene.Pipe("k2", "a", 101));
        Assert.Equal(["k -@101", "k -@101"], [.. scene.Pipe("k", "-", 101), .. scene.Pipe("k", "-", 101)]);
    }

    [Fact]
    public void A_record_without_a_key_passes()
    {
        using var scene = ByKey();

        Assert.Equal(["- a@1", "- a@1"], [.. scene.Pipe(null, "a", 1), .. scene.Pipe(null, "a", 1)]);
    }

    [Fact]
    public void Several_records_made_of_one_are_compared_too()
    {
        using var scene = new OneTopicScene(b => b.Stream<string, string>("in")
            .FlatMapValues(v => v.Split(' '))
            .DropDuplicates((_, value) => value, Ms(Within)));

        Assert.Equal(["k a@1", "k b@1"], scene.Pipe("k", "a b a", 1));
    }

    [Fact]
    public void A_record_later_than_what_is_remembered_passes()
    {
        using var scene = ByKey();
        scene.Pipe("k", "a", 100);
        scene.Pipe("other", "moves time", 1000);

        Assert.Equal(["k b@100"], scene.Pipe("k", "b", 100));
        Assert.Equal(["k c@100"], scene.Pipe("k", "c", 100));
    }

    [Fact]
    public void Where_the_key_was_changed_equal_keys_are_brought_together_first()
    {
        using var scene = new OneTopicScene(b => b.Stream<string, string>("in")
            .SelectKey((_, value) => value)
            .DropDuplicates(Ms(Within), new Deduplicated<string>().WithName("once")));

        Assert.Equal(["a a@1"], scene.Pipe("k1", "a", 1));
        Assert.Empty(scene.Pipe("k2", "a", 1));
        Assert.Contains("test-once-repartition", scene.Driver.ProducedTopicNames);
    }

    [Fact]
    public void An_id_that_cannot_be_made_goes_to_the_processing_handler()
    {
        using var scene = new OneTopicScene(
            b => b.Stream<string, string>("in").DropDuplicates((_, value) => value[..3], Ms(Within)),
            configure: c => c.ProcessingErrors = _ => ErrorResponse.Continue);

        Assert.Empty(scene.Pipe("k", "ab", 1));
        Assert.Equal(["k abc@1"], scene.Pipe("k", "abc", 1));
        Assert.Equal(1, scene.Driver.DroppedRecords);
    }

    [Fact]
    public void Over_any_records_what_passes_is_what_no_passed_record_is_near() =>
        Prop.ForAll<(bool Key, byte Time)[]>(records =>
        {
            using var scene = new OneTopicScene(b => b.Stream<string, string>("in").DropDuplicates(Ms(Within), new Deduplicated<string>().WithRetention(Ms(1000))));
            var passed = new List<(bool Key, byte Time)>();
            foreach (var record in records)
            {
                var passes = !passed.Exists(p => p.Key == record.Key && Math.Abs(p.Time - record.Time) <= Within);
                if (scene.Pipe($"{record.Key}", "v", record.Time).Length == 1 != passes)
                    return false;
                if (passes)
                    passed.Add(record);
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static OneTopicScene ByKey() => new(b => b.Stream<string, string>("in").DropDuplicates(Ms(Within)));
}
