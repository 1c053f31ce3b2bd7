using Streams.Runtime;

namespace Streams.Query;

/// <summary>The stores of one name in this instance's tasks, as they are at each question.</summary>
internal sealed class LocalStores(string name, Func<IReadOnlyList<IStoreOwner>> tasks)
{
    /// <summary>Asks each task's store in turn, under its gate: a look is short and never sees half a change.</summary>
    /// <exception cref="StoreNotReadyException">A partition's store is being restored or is on the move: an answer would lack its keys.</exception>
    public IEnumerable<T> Ask<TStore, T>(Func<TStore, T> look)
        where TStore : class
    {
        var asked = 0;
        foreach (var task in tasks())
        {
            if (task.Stores.FirstOrDefault(s => s.Name == name) is not { } store)
                continue;

            asked++;
            if (store is not TStore typed)
                throw new ArgumentException($"Store '{name}' is a {TypeName.Of(store.GetType())}, not a {TypeName.Of(typeof(TStore))}.");

            yield return task.Gate.Read(() => task.IsReady
                ? look(typed)
                : throw new StoreNotReadyException($"Store '{name}' of task {task.Id} is being restored or moved. Ask again in a moment."));
        }

        if (asked == 0)
            throw new StoreNotReadyException($"No partition of store '{name}' is here now: the group is still sharing them out, or other instances have them all.");
    }

    /// <summary>Whether the stores keep times beside the values.</summary>
    public bool Holds<TStore>() where TStore : class =>
        tasks().Any(t => t.Stores.Any(s => s.Name == name && s is TStore));
}
