using Broker;
using Microsoft.Extensions.Logging.Abstractions;

// The tests are run by their runner; started by hand with a folder, this is a broker that a test can kill.
if (args is not [var directory])
{
    Console.Error.WriteLine("Give a data folder to serve, or run the tests with `dotnet test`.");
    return 2;
}

var options = new BrokerOptions { DataDirectory = directory, Port = 0 };
await using var broker = await BrokerServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
Console.WriteLine(broker.BootstrapServers);
await Console.In.ReadLineAsync();
return 0;
