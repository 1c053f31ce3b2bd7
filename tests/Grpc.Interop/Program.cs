using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Interop;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

const string Usage = """
    Usage: server --port N [--streams M]             M streams to a connection, 100 unless told
           proxy --port N --to PORT                  keeps responses that a server lets it keep, for cacheable_unary
           client --host H --port N --case NAME     NAME is a case of gRPC's interoperability tests, or 'all'
           cases                                    lists the cases
           descriptors                              writes the protocol's FileDescriptorSet, for peers without a compiler
    """;

switch (args)
{
    case ["server", "--port", var port]:
        return await ServeAsync(InteropServer.StartAsync(IPAddress.Any, Number(port)));

    case ["server", "--port", var port, "--streams", var streams]:
        return await ServeAsync(InteropServer.StartAsync(IPAddress.Any, Number(port), Number(streams)));

    case ["proxy", "--port", var port, "--to", var server]:
        return await ServeAsync(CachingProxy.StartAsync(IPAddress.Any, Number(port), new Uri($"http://127.0.0.1:{Number(server)}")));

    case ["client", "--host", var host, "--port", var port, "--case", var name]:
        return await RunAsync($"http://{host}:{Number(port)}", name);

    case ["cases"]:
        using (var cases = new InteropCases("http://localhost"))
            Console.WriteLine(string.Join('\n', cases.All.Keys));
        return 0;

    case ["descriptors"]:
        await using (var output = Console.OpenStandardOutput())
            Descriptors.All.WriteTo(output);
        return 0;

    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static async Task<int> ServeAsync(Task<WebApplication> starting)
{
    await using var server = await starting;
    Console.WriteLine($"Listening at {string.Join(", ", server.Urls)}.");
    await server.WaitForShutdownAsync();
    return 0;
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
