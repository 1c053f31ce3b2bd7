namespace Kafka.Protocol;

/// <summary>Something that can be written in the Kafka protocol.</summary>
public interface IMessage
{
    /// <summary>Writes the message as <paramref name="version"/> lays it out.</summary>
    /// <exception cref="ProtocolException">The version does not exist or cannot carry a field that is set.</exception>
    void Write(ProtocolWriter writer, short version);
}

/// <summary>A message that can also be read.</summary>
public interface IMessage<TSelf> : IMessage
    where TSelf : IMessage<TSelf>
{
    /// <summary>The oldest version there is code for.</summary>
    static abstract short LowestVersion { get; }

    /// <summary>The newest version there is code for.</summary>
    static abstract short HighestVersion { get; }

    /// <summary>Whether a version has compact lengths and tagged fields (KIP-482).</summary>
    static abstract bool IsFlexible(short version);

    /// <summary>Reads a message laid out as <paramref name="version"/>.</summary>
    /// <exception cref="ProtocolException">The bytes do not hold such a message, or the version does not exist.</exception>
    static abstract TSelf Read(ref ProtocolReader reader, short version);
}

/// <summary>A question to a broker.</summary>
public interface IRequest<TSelf> : IMessage<TSelf>
    where TSelf : IRequest<TSelf>
{
    /// <summary>The API that is asked.</summary>
    static abstract ApiKey Api { get; }
}

/// <summary>A question to a broker, with the type of its answer.</summary>
public interface IRequest<TSelf, TResponse> : IRequest<TSelf>
    where TSelf : IRequest<TSelf, TResponse>
    where TResponse : IMessage<TResponse>;
