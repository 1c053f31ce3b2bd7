System.Console.WriteLine("streams");
