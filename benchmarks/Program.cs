using BenchmarkDotNet.Running;
using Benchmarks;
using Benchmarks.Engine;
using Benchmarks.Forwarding;
using Benchmarks.Rpc;

// Whole-system measurements by name; anything else is for BenchmarkDotNet.
return args switch
{
    ["tail-latency", ..] => await TailLatency.RunAsync(Console.Out),
    ["engine-driver", .. var rest] => await DriverBenchmark.RunAsync(rest, Console.Out),
    ["engine-runtime", .. var rest] => await RuntimeBenchmark.RunAsync(rest, Console.Out),
    ["forward", .. var rest] => await ForwardBenchmark.RunAsync(rest, Console.Out),
    ["grpc", .. var rest] => await RpcBenchmark.RunAsync(rest, Console.Out),
    ["grpc-server"] => await BenchServer.RunAsync(Console.Out),
    _ => BenchmarkSwitcher.FromAssembly(typeof(TailLatency).Assembly).Run(args).Any() ? 0 : Unknown(),
};

static int Unknown()
{
    Console.Error.WriteLine("Nothing ran. See benchmarks/README.md for names: tail-latency, engine-driver, engine-runtime, forward, grpc, or --filter for BenchmarkDotNet.");
    return 2;
}
