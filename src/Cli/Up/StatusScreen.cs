using Spectre.Console;
using Spectre.Console.Rendering;
using Streams.Contracts.V1;

namespace Cli.Up;

/// <summary>The live picture of a running system on a terminal.</summary>
internal static class StatusScreen
{
    private const int NoticesShown = 8;

    public static IRenderable Render(UpPlan plan, SystemStatus status, IReadOnlyList<string> notices)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        grid.AddRow(new Text("records in"), new Text($"{status.RecordsIn,12:N0}   {status.RecordsInPerSecond,9:N0}/s"));
        grid.AddRow(new Text("records stored"), new Text($"{status.RecordsStored,12:N0}   {status.RecordsStoredPerSecond,9:N0}/s"));
        grid.AddRow(new Text("nodes"), new Text(status.NodesText, NodesStyle(status)));
        grid.AddRow(new Text("alerts"), new Text($"{status.Alerts:N0}", status.Alerts > 0 ? new Style(Color.Yellow) : Style.Plain));
        grid.AddEmptyRow();
        grid.AddRow(new Text("gateway"), new Text(plan.GatewayAddress.ToString()));
        grid.AddRow(new Text("monitor"), new Text(plan.MonitorAddress.ToString()));
        grid.AddRow(new Text("kafka"), new Text(plan.HasBroker ? $"{plan.Kafka} (embedded)" : plan.Kafka));
        grid.AddRow(new Text("data"), new Text(plan.Data));
        grid.AddRow(new Text("log"), new Text(plan.LogFile));

        var rows = new List<IRenderable> { new Panel(grid).Header("streams up").Expand() };
        rows.AddRange(notices.TakeLast(NoticesShown).Select(notice => new Text(notice) { Overflow = Overflow.Ellipsis }));
        rows.Add(new Text("Ctrl-C to stop", new Style(decoration: Decoration.Dim)));
        return new Rows(rows);
    }

    private static Style NodesStyle(SystemStatus status) =>
        status.Nodes is null ? Style.Plain
        : status.Nodes.ContainsKey(NodeState.Down) ? new Style(Color.Red)
        : status.Nodes.ContainsKey(NodeState.Suspect) || status.Nodes.ContainsKey(NodeState.Flapping) ? new Style(Color.Yellow)
        : new Style(Color.Green);
}
