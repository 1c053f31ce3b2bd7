using System.Globalization;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Interop;
using Grpc.Interop.V1;
using Microsoft.Extensions.Hosting;

const string Usage = """
    Usage: server --port N
           client --host H --port N --case NAME     NAME is a case of gRPC's interoperability tests, or 'all'
           cases                                    lists the cases
           descriptors                              writes the protocol's FileDescriptorSet, for peers without a compiler
    """;

switch (args)
{
    case ["server", "--port", var port]:
        await using (var server = await InteropServer.StartAsync(IPAddress.Any, Number(port)))
        {
            Console.WriteLine($"Listening on port {port}.");
            await server.WaitForShutdownAsync();
        }

        return 0;

    case ["client", "--host", var host, "--port", var port, "--case", var name]:
        return await RunAsync($"http://{host}:{Number(port)}", name);

    case ["cases"]:
        using (var cases = new InteropCases("http://localhost"))
            Console.WriteLine(string.Join('\n', cases.All.Keys));
        return 0;

    case ["descriptors"]:
        await using (var output = Console.OpenStandardOutput())
            new FileDescriptorSet { File = { InteropReflection.Descriptor.ToProto() } }.WriteTo(output);
        return 0;

    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static async Task<int> RunAsync(string address, string name)
{
    using var cases = new InteropCases(address);
    var chosen = name == "all" ? [.. cases.All] : cases.All.Where(one => one.Key == name).ToList();
    if (chosen.Count == 0)
    {
        Console.Error.WriteLine($"There is no case '{name}'. Known are: {string.Join(", ", cases.All.Keys)}.");
        return 2;
    }

    var failed = 0;
    foreach (var (key, run) in chosen)
    {
        try
        {
            await run();
            Console.WriteLine($"{key}: passed");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{key}: failed. {exception.GetType().Name}: {exception.Message}");
            failed++;
        }
    }

    return failed == 0 ? 0 : 1;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
