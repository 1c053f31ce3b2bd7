namespace Streams;

/// <summary>The serde to use for a type where none was given.</summary>
internal sealed class SerdeRegistry
{
    private readonly Dictionary<Type, object> _serdes = new()
    {
        [typeof(string)] = Serdes.String,
        [typeof(byte[])] = Serdes.ByteArray,
        [typeof(int)] = Serdes.Int32,
        [typeof(long)] = Serdes.Int64,
        [typeof(double)] = Serdes.Double,
        [typeof(Guid)] = Serdes.Guid,
        [typeof(int?)] = Serdes.Nullable(Serdes.Int32),
        [typeof(long?)] = Serdes.Nullable(Serdes.Int64),
        [typeof(double?)] = Serdes.Nullable(Serdes.Double),
    };

    public void Use<T>(ISerde<T> serde) => _serdes[typeof(T)] = serde;

    /// <exception cref="TopologyException">There is none: the message says where it is needed and how to give it.</exception>
    public ISerde<T> Find<T>(ISerde<T>? given, string what, string where, string give) =>
        given
        ?? (ISerde<T>?)_serdes.GetValueOrDefault(typeof(T))
        ?? throw new TopologyException(
            $"No serde for the {what} ({typeof(T).Name}) of {where}: pass one with {give}, or set a default with StreamBuilder.UseSerde.");
}
