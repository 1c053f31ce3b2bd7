using Streams.TestKit;

namespace Streams.Tests.Joins;

/// <summary>A stream's records with the value that a global table has for a key made of each.</summary>
public sealed class GlobalTableJoinTests : IDisposable
{
    private TopologyTestDriver? _driver;

    [Fact]
    public void A_record_meets_the_value_of_the_key_that_is_made_of_it()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));
        Customers.PipeInput("c1", "ann", 1);

        Orders.PipeInput("o1", "c1:tea", 2);

        Assert.Equal([("o1", "c1:tea for ann", 2L)], Results());
    }

    [Fact]
    public void Only_records_of_the_stream_give_results()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));
        Orders.PipeInput("o1", "c1:tea", 1);

        Customers.PipeInput("c1", "ann", 2);

        Assert.Empty(Results());
    }

    [Fact]
    public void A_deleted_key_is_met_no_more()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));
        Customers.PipeInput("c1", "ann", 1);
        Customers.PipeInput("c1", null!, 2);

        Orders.PipeInput("o1", "c1:tea", 3);

        Assert.Empty(Results());
    }

    [Fact]
    public void An_inner_join_drops_a_record_that_makes_no_key_and_counts_it()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));

        Orders.PipeInput("o1", "tea", 1);

        Assert.Empty(Results());
        Assert.Equal(1, _driver!.DroppedRecords);
    }

    [Fact]
    public void A_left_join_sends_a_record_on_alone_where_the_table_has_nothing_or_no_key_is_made()
    {
        Join((orders, customers) => orders.LeftJoin(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name ?? "nobody"}"));

        Orders.PipeInput("o1", "c1:tea", 1);
        Orders.PipeInput("o2", "rye", 2);

        Assert.Equal([("o1", "c1:tea for nobody", 1L), ("o2", "rye for nobody", 2L)], Results());
        Assert.Equal(0, _driver!.DroppedRecords);
    }

    [Fact]
    public void A_record_without_a_key_of_its_own_is_joined_like_any_other()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));
        Customers.PipeInput("c1", "ann", 1);

        Orders.PipeInput(null!, "c1:tea", 2);

        Assert.Equal([(null!, "c1:tea for ann", 2L)], Results());
    }

    [Fact]
    public void A_record_without_a_value_is_dropped_and_counted()
    {
        Join((orders, customers) => orders.LeftJoin(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));

        Orders.PipeInput("o1", null!, 1);

        Assert.Empty(Results());
        Assert.Equal(1, _driver!.DroppedRecords);
    }

    [Fact]
    public void The_joiner_may_use_the_records_key()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (key, order, name) => $"{key}/{order}/{name}"));
        Customers.PipeInput("c1", "ann", 1);

        Orders.PipeInput("o1", "c1:tea", 2);

        Assert.Equal([("o1", "o1/c1:tea/ann", 2L)], Results());
    }

    [Fact]
    public void A_global_table_may_be_asked_by_its_stores_name()
    {
        Join((orders, customers) => orders.Join(customers, (_, order) => Customer(order), (order, name) => $"{order} for {name}"));

        Customers.PipeInput("c1", "ann", 7);

        Assert.Equal(new("ann", 7), _driver!.GetTimestampedKeyValueStore<string, string>("customers-store").Get("c1"));
    }

    public void Dispose() => _driver?.Dispose();

    private static string? Customer(string order) => order.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? order[..colon] : null;

    private TestInputTopic<string, string> Orders => _driver!.CreateInputTopic<string, string>("orders");

    private TestInputTopic<string, string> Customers => _driver!.CreateInputTopic<string, string>("customers");

    private IEnumerable<(string, string, long)> Results() =>
        _driver!.CreateOutputTopic<string, string>("out").ReadRecordsToList().Select(r => (r.Key, r.Value, r.Timestamp));

    private void Join(Func<KStream<string, string>, GlobalKTable<string, string>, KStream<string, string>> join)
    {
        var builder = new StreamBuilder();
        var customers = builder.GlobalTable("customers", null, Materialized.As<string, string>("customers-store"));
        join(builder.Stream<string, string>("orders"), customers).To("out");
        _driver = new(builder.Build());
    }
}
