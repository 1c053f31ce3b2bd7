namespace Streams.State;

/// <summary>Told how long operations of stores took.</summary>
internal interface IStoreTimes
{
    void Took(string store, StoreOperation operation, TimeSpan time);
}
