namespace Broker;

/// <summary>When appended data is forced to disk, and so what an acknowledgement promises.</summary>
public enum FlushPolicy
{
    /// <summary>
    /// The operating system writes in its own time; the broker forces data to disk when a segment is rolled, at shutdown and
    /// once in every <see cref="BrokerOptions.FlushInterval"/>. An acknowledged record survives the death of the process
    /// (kill −9); a power cut may take the last interval.
    /// </summary>
    Os,

    /// <summary>
    /// Data is on disk before it is acknowledged or shown to a consumer. One fsync serves every append that waits for it.
    /// An acknowledged record survives a power cut.
    /// </summary>
    Always,
}
