using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: joins.</summary>
public sealed class JoinExamples
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Two_streams()
    {
        var builder = new StreamBuilder();
        KStream<string, string> orders = builder.Stream<string, string>("orders");
        KStream<string, string> payments = builder.Stream<string, string>("payments");

        #region stream-stream
        var within = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMinutes(10), grace: TimeSpan.FromMinutes(1));

        KStream<string, string> paid = orders.Join(payments, (order, payment) => $"{order} paid by {payment}", within);
        KStream<string, string> all = orders.LeftJoin(payments, (order, payment) => $"{order}: {payment ?? "unpaid"}", within.WithBefore(TimeSpan.Zero));
        #endregion

        paid.To("paid");
        all.To("all");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("orders").PipeInput("1", "tea", Noon);
        driver.CreateInputTopic<string, string>("payments").PipeInput("1", "card", Noon.AddMinutes(3));
        driver.CreateInputTopic<string, string>("orders").PipeInput("2", "jam", Noon.AddMinutes(4));
        driver.CreateInputTopic<string, string>("orders").PipeInput("3", "pie", Noon.AddMinutes(40));
        Assert.Equal(["tea paid by card"], driver.CreateOutputTopic<string, string>("paid").ReadValuesToList());
        Assert.Equal(["tea: card", "jam: unpaid"], driver.CreateOutputTopic<string, string>("all").ReadValuesToList());
    }

    [Fact]
    public void A_stream_and_tables()
    {
        var builder = new StreamBuilder();
        KStream<string, string> orders = builder.Stream<string, string>("orders");

        #region stream-table
        KTable<string, string> customers = builder.Table<string, string>("customers");
        KStream<string, string> addressed = orders.LeftJoin(customers, (order, customer) => $"{order} to {customer ?? "somebody"}");
        #endregion

        #region versioned
        KTable<string, string> prices = builder.Table(
            "prices", materialized: Materialized.AsVersioned<string, string>("price-history", historyRetention: TimeSpan.FromDays(1)));

        KStream<string, string> priced = orders.Join(
            prices,
            (order, price) => $"{order} at {price}",
            new Joined<string, string, string>().WithGracePeriod(TimeSpan.FromMinutes(5)));
        #endregion

        #region global table
        GlobalKTable<string, string> countries = builder.GlobalTable<string, string>("countries");
        KStream<string, string> located = orders.Join(
            countries,
            (_, order) => order[..2],
            (order, country) => $"{order} from {country}");
        #endregion

        addressed.To("addressed");
        priced.To("priced");
        located.To("located");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("countries").PipeInput("ch", "Switzerland", Noon);
        driver.CreateInputTopic<string, string>("prices").PipeInput("ann", "3", Noon.AddMinutes(-1));
        driver.CreateInputTopic<string, string>("customers").PipeInput("ann", "Ann, Main Street", Noon);
        var input = driver.CreateInputTopic<string, string>("orders");
        input.PipeInput("ann", "ch tea", Noon);
        input.PipeInput("ben", "de jam", Noon.AddMinutes(5));
        Assert.Equal(
            ["ch tea to Ann, Main Street", "de jam to somebody"], driver.CreateOutputTopic<string, string>("addressed").ReadValuesToList());
        Assert.Equal(["ch tea at 3"], driver.CreateOutputTopic<string, string>("priced").ReadValuesToList());
        Assert.Equal(["ch tea from Switzerland"], driver.CreateOutputTopic<string, string>("located").ReadValuesToList());
    }

    [Fact]
    public void Two_tables()
    {
        var builder = new StreamBuilder();

        #region table-table
        KTable<string, string> employees = builder.Table<string, string>("employees");
        KTable<string, string> desks = builder.Table<string, string>("desks");
        KTable<string, string> seats = employees.OuterJoin(desks, (employee, desk) => $"{employee ?? "nobody"} at {desk ?? "no desk"}");

        // An employee's value begins with the key of a department: a change of the department reaches all its employees.
        KTable<string, string> departments = builder.Table<string, string>("departments");
        KTable<string, string> staff = employees.Join(
            departments,
            foreignKey: employee => employee.Split(':')[0],
            (employee, department) => $"{employee} of {department}");
        #endregion

        seats.ToStream().To("seats");
        staff.ToStream().To("staff");
        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("employees").PipeInput("1", "hr:ann");
        driver.CreateInputTopic<string, string>("departments").PipeInput("hr", "Human Resources");
        Assert.Equal(["hr:ann at no desk"], driver.CreateOutputTopic<string, string>("seats").ReadValuesToList());
        Assert.Equal(["hr:ann of Human Resources"], driver.CreateOutputTopic<string, string>("staff").ReadValuesToList());
    }
}
