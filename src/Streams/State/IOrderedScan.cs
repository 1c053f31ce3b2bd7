namespace Streams.State;

/// <summary>A store that can be read in the order of its keys, entry by entry, without a snapshot of it all: for readers that stop soon.</summary>
internal interface IOrderedScan<TKey, TStored>
{
    /// <summary>All entries, by key. The store must not change before the reader is done.</summary>
    IEnumerable<KeyValue<TKey, TStored>> InOrder();
}
