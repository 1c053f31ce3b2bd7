using System.Diagnostics.Metrics;
using Streams.State;

namespace Streams.Runtime;

/// <summary>The instruments of the meter "Streams.Engine" that cost nothing until someone asks.</summary>
internal static class EngineGauges
{
    public static void AddTo(Meter meter, KeyValuePair<string, object?> application, EngineFigures figures)
    {
        Measurement<long> Of(long value) => new(value, application);

        // Of several tasks with a store of one name, the sum.
        IEnumerable<Measurement<long>> ByStore(Func<IStoreOwner, IStateStore, long?> look) =>
            figures.Owners()
                .SelectMany(owner => owner.Stores.Select(store => (store.Name, Value: look(owner, store))))
                .Where(store => store.Value is not null)
                .GroupBy(store => store.Name, store => store.Value!.Value)
                .Select(stores => new Measurement<long>(stores.Sum(), application, new("store", stores.Key)));

        meter.CreateObservableGauge("streams.tasks", () => Tasks(application, figures), "{task}", "Tasks by what they do.");
        meter.CreateObservableGauge(
            "streams.threads", () => Threads(application, figures), "{thread}", "Stream threads: running, getting their partitions and stores, or dead.");
        meter.CreateObservableGauge(
            "streams.active_process.ratio",
            () => new Measurement<double>(figures.Threads().Select(thread => thread.ActiveRatio).DefaultIfEmpty().Average(), application),
            description: "Share of the last seconds in which the threads processed records, their mean, 0 to 1.");
        meter.CreateObservableGauge(
            "streams.restore.remaining.records",
            () => Of(figures.Owners().Sum(owner => owner.Stores.Sum(store => owner.Lag(store.Name)))),
            "{record}",
            "Changelog records still to be read into stores.");
        meter.CreateObservableGauge(
            "streams.input.buffer.records", () => Of(figures.Tasks.Sum(task => task.Queues.Sum(queue => (long)queue.Count))), "{record}", "Records read and not processed yet.");
        meter.CreateObservableGauge(
            "streams.input.buffer", () => Of(figures.Tasks.Sum(task => task.Queues.Sum(queue => queue.Bytes))), "By", "Keys and values of records read and not processed yet.");
        meter.CreateObservableGauge(
            "streams.cache", () => Of(figures.Threads().Sum(thread => thread.Cache.Used)), "By", "What the record caches hold.");
        meter.CreateObservableGauge(
            "streams.cache.limit", () => Of(figures.Threads().Sum(thread => thread.Cache.BytesMax)), "By", "What the record caches may hold; 0 where there are none.");
        meter.CreateObservableGauge(
            "streams.state_store.records", () => ByStore(StoreLook.Entries), "{record}", "Entries of stores that count them, by store.");
        meter.CreateObservableGauge(
            "streams.state_store", () => ByStore(StoreLook.Bytes), "By", "Bytes of stores on disk: files, their database's memory, and what waits for it.");
        meter.CreateObservableGauge(
            "streams.state_store.open_iterators", () => ByStore((owner, store) => owner.Scans.Open(store.Name)), "{iterator}", "Lists of stores that queries are reading, by store.");
    }

    private static Measurement<int>[] Tasks(KeyValuePair<string, object?> application, EngineFigures figures) =>
    [
        new(figures.Tasks.Count(task => task.State == TaskState.Running), application, new("type", "active")),
        new(figures.Tasks.Count(task => task.State == TaskState.Restoring), application, new("type", "restoring")),
    ];

    private static Measurement<int>[] Threads(KeyValuePair<string, object?> application, EngineFigures figures)
    {
        var (running, starting, dead) = figures.States();
        return
        [
            new(running, application, new("state", "running")),
            new(starting, application, new("state", "starting")),
            new(dead, application, new("state", "dead")),
        ];
    }
}
