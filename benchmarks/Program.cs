System.Console.WriteLine("pick a benchmark: see benchmarks/README.md");
