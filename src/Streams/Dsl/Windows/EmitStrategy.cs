namespace Streams;

/// <summary>When a windowed aggregation sends its results on (KIP-825).</summary>
public enum EmitStrategy
{
    /// <summary>At every change, or once a commit where the store is cached. The default.</summary>
    OnWindowUpdate,

    /// <summary>Once, when the window has closed: nothing can change the result any more.</summary>
    /// <remarks>
    /// Windows that have closed are looked for when stream time moves, at most once a second by the wall clock (in the test driver at every
    /// record), and sooner where waiting could cost a result: unlike Kafka Streams, no leap of stream time past the store's retention loses
    /// results. Sliding and session windows are not cached then.
    /// </remarks>
    OnWindowClose,
}
