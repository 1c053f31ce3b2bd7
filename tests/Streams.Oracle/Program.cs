using System.Text;
using Streams.RocksDb;

namespace Streams.Oracle;

/// <summary>Answers the scenarios that Kafka Streams' oracle answers, in the same words, by this project's engine.</summary>
internal static class Program
{
    private const string Usage = """
        Runs the oracle's scenarios on this project's engine.

            run [FILE ...]                                    scenarios from files; from standard input without one
            serve                                             many scenarios over standard input, each ended by a line `end`
            generate TOPOLOGY SEED COUNT [option=value ...]   a random scenario
            list                                              the topologies with their options

        `--stores rocksdb` in front of `run` or `serve`: scenarios that ask for RocksDB get it. Else they get stores in memory that expire and list alike.
        """;

    public static int Main(string[] args)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        if (args is not ["--stores", "rocksdb", .. var rest])
            return Run(args, output, onDisk: null);

        try
        {
            using var stores = new RocksDbStores();
            return Run(rest, output, stores);
        }
        catch (RocksDbMissingException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static int Run(string[] args, StreamWriter output, StoreEngine? onDisk)
    {
        switch (args)
        {
            case ["run"]:
                Scenario.Run(Lines(Console.In), output.WriteLine, onDisk);
                return 0;
            case ["run", .. var files]:
                foreach (var file in files)
                    Scenario.Run(file == "-" ? Lines(Console.In) : File.ReadLines(file), output.WriteLine, onDisk);
                return 0;
            case ["serve"]:
                Serve(Console.In, output, onDisk);
                return 0;
            case ["generate", .. var words] when words.Length >= 3:
                foreach (var line in RandomScenario.Lines(words))
                    output.WriteLine(line);
                return 0;
            case ["list"]:
                foreach (var spec in Catalogue.All.Values)
                    output.WriteLine($"| {spec.Name} | {spec.Options} | {spec.About} |");
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static void Serve(TextReader input, TextWriter output, StoreEngine? onDisk)
    {
        var lines = new List<string>();
        foreach (var line in Lines(input))
        {
            if (line.Trim() != "end")
            {
                lines.Add(line);
                continue;
            }

            Answer(lines, output.WriteLine, onDisk);
            output.WriteLine("end");
            output.Flush();
            lines.Clear();
        }
    }

    /// <summary>Answers one scenario, or a request to make one.</summary>
    internal static void Answer(IReadOnlyList<string> lines, Action<string> write, StoreEngine? onDisk = null)
    {
        var first = lines.Count == 0 ? [] : Words.Of(lines[0]);
        if (first is not ["generate", .. var request] || request.Length < 3)
        {
            Scenario.Run(lines, write, onDisk);
            return;
        }

        try
        {
            foreach (var line in RandomScenario.Lines(request))
                write(line);
        }
        catch (Exception error) when (JavaErrors.NameOf(error) is { } name)
        {
            write($"error {name}");
        }
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
