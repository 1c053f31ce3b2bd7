namespace Streams.Runtime;

/// <summary>What there is to look at in an application, each time anew.</summary>
/// <param name="Threads">Its live threads.</param>
/// <param name="States">How many threads run, get ready and are dead.</param>
/// <param name="Owners">Its tasks, and the global stores.</param>
internal sealed record EngineFigures(
    Func<IReadOnlyList<StreamThread>> Threads, Func<(int Running, int Starting, int Dead)> States, Func<IReadOnlyList<IStoreOwner>> Owners)
{
    public IEnumerable<StreamTask> Tasks => Owners().OfType<StreamTask>();
}
