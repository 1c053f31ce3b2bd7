using Streams.Runtime;

namespace Streams.Query;

/// <summary>The stores of one name in this instance's tasks, as they are at each question.</summary>
internal sealed class LocalStores(string name, Func<IReadOnlyList<IStoreOwner>> tasks, EngineMetrics? metrics = null)
{
    /// <summary>Asks each task's store in turn, under its gate: for looks at one entry, which never see half a change.</summary>
    /// <exception cref="StoreNotReadyException">A partition's store is being restored or is on the move: an answer would lack its keys.</exception>
    public IEnumerable<T> Ask<TStore, T>(Func<TStore, T> look)
        where TStore : class
    {
        using var query = new StoreQuery(metrics, name);
        foreach (var (task, store) in query.Watch(Stores<TStore>))
        {
            var answer = query.Watch(() =>
            {
                // Looked at before, too: a store that is being restored is written in long batches.
                ThrowIfNotReady(task, name);
                return task.Gate.Read(() =>
                {
                    ThrowIfNotReady(task, name);
                    return look((TStore)store);
                });
            });
            yield return answer;
        }
    }

    /// <summary>
    /// Lists rows of all tasks' stores, one task's after the other's, each as it is when the first row is asked for. The writer does not wait for whoever
    /// reads; he is to read to the end or dispose the enumerator.
    /// </summary>
    /// <exception cref="StoreNotReadyException">A partition's store is being restored or on the move, now or when a row is asked for.</exception>
    /// <exception cref="InvalidOperationException">Too many are reading.</exception>
    public IEnumerable<T> List<TStore, T>(Func<TStore, IEnumerable<T>> look)
        where TStore : class
    {
        foreach (var (task, _) in Stores<TStore>())
            ThrowIfNotReady(task, name);
        return Rows(look);
    }

    /// <summary>Whether the stores keep times beside the values.</summary>
    public bool Holds<TStore>() where TStore : class =>
        tasks().Any(t => t.Stores.Any(s => s.Name == name && s is TStore));

    internal static void ThrowIfNotReady(IStoreOwner task, string store)
    {
        if (!task.IsReady)
            throw new StoreNotReadyException($"Store '{store}' of task {task.Id} is being restored or moved. Ask again in a moment.");
    }

    private IEnumerable<T> Rows<TStore, T>(Func<TStore, IEnumerable<T>> look)
        where TStore : class
    {
        using var query = new StoreQuery(metrics, name);
        var scans = new List<StoreScan>();
        try
        {
            // All at the beginning, so that the answer's partitions are as of about one time.
            foreach (var (task, store) in query.Watch(Stores<TStore>))
                scans.Add(query.Watch(() => task.Scans.Begin(task, store)));
            foreach (var scan in scans)
            {
                using var rows = scan.Rows(look).GetEnumerator();
                Func<bool> next = rows.MoveNext;
                while (query.Watch(next))
                    yield return rows.Current;

                scan.Dispose();
            }
        }
        finally
        {
            foreach (var scan in scans)
                scan.Dispose();
        }
    }

    private List<(IStoreOwner Task, IStateStore Store)> Stores<TStore>()
        where TStore : class
    {
        var found = new List<(IStoreOwner, IStateStore)>();
        foreach (var task in tasks())
        {
            if (task.Stores.FirstOrDefault(s => s.Name == name) is not { } store)
                continue;
            if (store is not TStore)
                throw new ArgumentException($"Store '{name}' is a {TypeName.Of(store.GetType())}, not a {TypeName.Of(typeof(TStore))}.");

            found.Add((task, store));
        }

        return found.Count > 0 ? found : throw new StoreNotReadyException(
            $"No partition of store '{name}' is here now: the group is still sharing them out, or other instances have them all.");
    }
}
