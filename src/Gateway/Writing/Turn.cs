using System.Runtime.CompilerServices;

namespace Gateway.Writing;

/// <summary>How much a stream or a request does before others come to theirs, the broker among them where it runs in this process.</summary>
internal static class Turn
{
    /// <summary>How many records are passed on at most under one lock.</summary>
    public const int RecordsMax = 128;

    /// <summary>To be awaited: goes on behind what the thread pool has to do already.</summary>
    public static ConfiguredTaskAwaitable EndAsync() => Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}
