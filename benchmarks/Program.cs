using BenchmarkDotNet.Running;
using Benchmarks;

// Whole-system measurements by name; anything else is for BenchmarkDotNet.
return args switch
{
    ["tail-latency", ..] => await TailLatency.RunAsync(Console.Out),
    _ => BenchmarkSwitcher.FromAssembly(typeof(TailLatency).Assembly).Run(args).Any() ? 0 : Unknown(),
};

static int Unknown()
{
    Console.Error.WriteLine("Nothing ran. See benchmarks/README.md for names: tail-latency, or --filter for BenchmarkDotNet.");
    return 2;
}
