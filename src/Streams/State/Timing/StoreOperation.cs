namespace Streams.State;

/// <summary>What a store is asked to do.</summary>
internal enum StoreOperation
{
    /// <summary>To find one entry.</summary>
    Get,

    /// <summary>To set or remove one entry, its changelog record included.</summary>
    Put,

    /// <summary>To find the windows or sessions of one key.</summary>
    Range,

    /// <summary>To take up a batch of its changelog.</summary>
    Restore,
}
