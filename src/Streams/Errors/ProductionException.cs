namespace Streams;

/// <summary>A record could not be written to its topic, and the handler said to stop.</summary>
public sealed class ProductionException : StreamsException
{
    internal ProductionException(ProductionError error)
        : base($"Node '{error.Node}' of task {error.Task} cannot write to topic '{error.Topic}' {error.Place}: {What(error)}{error.Error.Message}", error.Error)
    {
        Details = error;
    }

    /// <summary>Where and why, for code.</summary>
    public ProductionError Details { get; }

    private static string What(ProductionError error) => error.Origin switch
    {
        ProductionOrigin.Key => "the key's serde failed: ",
        ProductionOrigin.Value => "the value's serde failed: ",
        _ => "",
    };
}
