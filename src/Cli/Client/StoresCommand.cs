using System.CommandLine;
using Spectre.Console;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary><c>streams stores</c>: the topology's state stores, where they lie and how far behind they are.</summary>
internal static class StoresCommand
{
    public static Command Build()
    {
        var monitor = MonitorClient.AddressFlag();
        var output = OutputFormatFlag.Make();
        var command = new Command("stores", "List the topology's state stores.") { output, monitor };
        command.SetAction((parse, cancellation) => MonitorClient.UseAsync(
            parse.GetRequiredValue(monitor),
            async client =>
            {
                var answer = await client.Nodes.DescribeStoresAsync(new DescribeStoresRequest(), cancellationToken: cancellation);
                if (parse.GetValue(output) is OutputFormat.Json)
                    WriteJson(answer);
                else
                    WriteTable(answer);
            },
            cancellation));
        return command;
    }

    private static void WriteJson(DescribeStoresResponse answer)
    {
        using var target = new StandardOutput();
        using var json = new JsonLines(target);
        foreach (var store in answer.Stores)
            json.Write(store);
        json.Flush();
        target.Flush();
    }

    private static void WriteTable(DescribeStoresResponse answer)
    {
        if (answer.Stores.Count == 0)
        {
            Console.WriteLine("No stores: the topology holds none yet.");
            return;
        }

        var table = new Table().SimpleBorder().AddColumns("store", "partition", "host", "role", "entries", "lag");
        foreach (var store in answer.Stores)
            table.AddRow(store.Name, $"{store.Partition}", store.Host, store.Active ? "active" : "standby", $"{store.Entries:N0}", $"{store.Lag:N0}");
        Terminal.Open().Write(table);
    }
}
