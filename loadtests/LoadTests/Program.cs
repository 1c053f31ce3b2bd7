using Cli;

// The load tests by themselves: what 'streams load' does, for who has built the repository and not the command.
return await CommandLine.RunAsync(["load", .. args], Console.Out, Console.Error);
