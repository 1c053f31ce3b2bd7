using System.CommandLine;
using Cli.Parts;
using Settings;
using Shop;

namespace Cli.Up;

/// <summary><c>streams service NAME</c>: one of the sample services, in a process of its own.</summary>
internal static class ServiceCommand
{
    /// <summary>Ends the service when its standard input closes: how <c>up</c> takes its children along, even when killed.</summary>
    public const string StopWithParentFlag = "--stop-with-parent";

    public static Command Build()
    {
        var name = new Argument<string>("NAME") { Description = $"One of {string.Join(", ", ShopServices.Names)}." };
        name.Validators.Add(result =>
        {
            var given = result.GetValueOrDefault<string>();
            if (!ShopServices.Names.Contains(given))
                result.AddError($"there is no service '{given}'; the services are {string.Join(", ", ShopServices.Names)}");
        });
        var flags = new SettingsFlags()
            .AddList("--gateway", "URL", "Gateway to ship to (default http://127.0.0.1:7070); may be given again.", "agent.gateways")
            .Add("--data", "DIR", "Folder of its disk queue (default data/services/NAME).", "agent.dataDirectory")
            .Add("--node", "ID", "The node to speak for (default: the service's name).", "agent.nodeId");
        var stopWithParent = Flags.Switch(StopWithParentFlag, "End when standard input closes.");
        stopWithParent.Hidden = true;

        var command = new Command("service", "Run a sample microservice, which ships its logs and heartbeats.") { name, stopWithParent };
        flags.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var service = parse.GetRequiredValue(name);
            var defaults = StreamsSettings.In("data");
            defaults.Agent.NodeId = service;
            defaults.Agent.Services = [service];
            defaults.Agent.DataDirectory = Path.Combine("data", "services", service);
            var agent = flags.Load(parse, defaults).Agent;
            if (flags.IsCheck(parse))
            {
                await parse.InvocationConfiguration.Output.WriteAsync(EffectiveSettings.ToYaml(new { Agent = agent }));
                return 0;
            }

            return await PartProcess.RunAsync(
                (logging, cancellation) => RunningPart.StartAsync(
                    $"service {service}", ShopServices.Build(service, agent, logging, TimeProvider.System), cancellation),
                parse.GetValue(stopWithParent) ? InputClosedAsync() : null);
        });
        return command;
    }

    private static async Task InputClosedAsync()
    {
        await using var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0)
        {
        }
    }
}
