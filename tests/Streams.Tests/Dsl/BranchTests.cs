using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>A stream split in branches: each record goes to the first whose predicate holds.</summary>
public sealed class BranchTests
{
    [Fact]
    public void A_record_goes_to_the_first_branch_that_takes_it()
    {
        using var driver = Run(s => s.Split()
            .Branch((_, v) => v.StartsWith('a'), b => b.To("a"))
            .Branch((_, v) => v.EndsWith('a'), b => b.To("b"))
            .DefaultBranch(b => b.To("rest")));

        Pipe(driver, "apa", "ba", "c");

        Assert.Equal(["apa"], Read(driver, "a"));
        Assert.Equal(["ba"], Read(driver, "b"));
        Assert.Equal(["c"], Read(driver, "rest"));
    }

    [Fact]
    public void Without_a_default_branch_the_rest_is_dropped()
    {
        using var driver = Run(s => s.Split().Branch((_, v) => v.StartsWith('a'), b => b.To("a")).NoDefaultBranch());

        Pipe(driver, "a", "b");

        Assert.Equal(["a"], Read(driver, "a"));
        Assert.Equal(["a"], driver.ProducedTopicNames);
    }

    [Fact]
    public void The_result_has_each_branch_by_the_splits_name_and_its_own()
    {
        IReadOnlyDictionary<string, KStream<string, string>> branches = new Dictionary<string, KStream<string, string>>();
        using var driver = Run(s => branches = s.Split("kinds-")
            .Branch((_, v) => v.StartsWith('a'), Branched.As<string, string>("a"))
            .Branch((_, v) => v.StartsWith('b'))
            .DefaultBranch());

        Assert.Equal(["kinds-0", "kinds-2", "kinds-a"], branches.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_function_puts_what_it_made_of_the_branch_into_the_result()
    {
        using var driver = Run(s => s.Split("kinds-")
            .Branch((_, v) => v.StartsWith('a'), Branched.WithFunction<string, string>(b => b.MapValues(v => v.ToUpperInvariant()), "a"))
            .NoDefaultBranch()["kinds-a"]
            .To("out"));

        Pipe(driver, "apple");

        Assert.Equal(["APPLE"], Read(driver, "out"));
    }

    [Fact]
    public void A_branch_that_a_function_or_a_consumer_used_up_is_not_in_the_result()
    {
        IReadOnlyDictionary<string, KStream<string, string>> branches = new Dictionary<string, KStream<string, string>>();
        using var driver = Run(s => branches = s.Split("kinds-")
            .Branch((_, v) => v.StartsWith('a'), Branched.WithConsumer<string, string>(b => b.To("a")))
            .Branch((_, v) => v.StartsWith('b'), Branched.WithFunction<string, string>(b =>
            {
                b.To("b");
                return null;
            }))
            .DefaultBranch(Branched.As<string, string>("rest")));

        Pipe(driver, "a", "b");

        Assert.Equal(["kinds-rest"], branches.Keys);
        Assert.Equal(["a"], Read(driver, "a"));
        Assert.Equal(["b"], Read(driver, "b"));
    }

    private static TopologyTestDriver Run(Action<KStream<string, string>> declare)
    {
        var builder = new StreamBuilder();
        declare(builder.Stream<string, string>("in"));
        return new(builder.Build());
    }

    private static void Pipe(TopologyTestDriver driver, params string[] values)
    {
        foreach (var value in values)
            driver.CreateInputTopic<string, string>("in").PipeInput("k", value, 1);
    }

    private static IReadOnlyList<string> Read(TopologyTestDriver driver, string topic) => driver.CreateOutputTopic<string, string>(topic).ReadValuesToList();
}
