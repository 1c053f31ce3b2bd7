using System.Globalization;

namespace Benchmarks.Engine;

/// <summary>Flags of a benchmark, each followed by its value. A flag that is not known is an error.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    public static Options Parse(string[] args, params string[] known)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!known.Contains(args[i]))
                throw new ArgumentException($"Unknown flag '{args[i]}'. Known are: {string.Join(", ", known)}.");
            if (i + 1 == args.Length)
                throw new ArgumentException($"Flag '{args[i]}' needs a value.");
            options._values[args[i]] = args[i + 1];
        }

        return options;
    }

    public string Text(string flag, string otherwise) => _values.GetValueOrDefault(flag, otherwise);

    public long Number(string flag, long otherwise) =>
        _values.TryGetValue(flag, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
