using System.Diagnostics;
using System.Reflection;
using Streams.RocksDb.Tests.Runtime;

namespace Streams.RocksDb.Tests;

/// <summary>What the tests start as a process of its own: to kill it, or to measure its memory.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case [CrashProgram.Name, var folder, var seed]:
                CrashProgram.Run(folder, int.Parse(seed));
                return 0;
            case [CountProgram.Name, var bootstrap, var application, var input, var output, var directory]:
                CountProgram.Run(bootstrap, application, input, output, directory);
                return 0;
            case [FillProgram.Name, var stores, var keys, var budgetBytes]:
                FillProgram.Run(int.Parse(stores), int.Parse(keys), long.Parse(budgetBytes));
                return 0;
            default:
                Console.Error.WriteLine("This program is started by its tests.");
                return 2;
        }
    }

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
