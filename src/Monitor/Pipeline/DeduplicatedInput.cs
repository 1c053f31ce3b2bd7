using Google.Protobuf;
using Monitor.State;
using Streams;
using Streams.Contracts;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>The beginning of what both topologies do with a topic whose senders may send again.</summary>
internal static class DeduplicatedInput
{
    extension(Topology topology)
    {
        /// <summary>Adds a source, and behind it <c>NAME-dedup</c>, which passes each of its records once.</summary>
        /// <param name="name">The source's name.</param>
        /// <param name="topic">What it reads.</param>
        /// <param name="seenStore">The store, added here, of what was seen.</param>
        /// <param name="commitStore">The <see cref="BeforeCommit"/> that says when to write it; added by the caller, who knows who else uses it.</param>
        /// <param name="position">A record's position among its sender's.</param>
        /// <param name="metrics">Told what was dropped.</param>
        public Topology AddDeduplicated<T>(
            string name, string topic, string seenStore, string commitStore, Func<T, Position?> position, DedupMetrics metrics)
            where T : class, IMessage<T>, new()
        {
            var dedup = $"{name}-dedup";
            return topology
                .AddSource(name, Serdes.String, ProtoSerde<T>.Instance, topic)
                .AddProcessor(dedup, () => new DedupProcessor<T>(seenStore, commitStore, position, metrics), name)
                .AddStateStore(Stores.KeyValue(seenStore, Serdes.String, ProtoSerde<SeenRecords>.Instance), dedup);
        }
    }
}
