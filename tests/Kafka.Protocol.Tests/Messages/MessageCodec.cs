using System.Reflection;

namespace Kafka.Protocol.Tests;

/// <summary>One generated message type, read and written without knowing it at compile time.</summary>
internal abstract class MessageCodec
{
    public static IReadOnlyList<MessageCodec> All { get; } = typeof(IMessage<>).Assembly.GetTypes()
        .Where(type => type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IMessage<>)))
        .Where(type => !type.IsNested && !type.IsInterface)
        .OrderBy(type => type.Name, StringComparer.Ordinal)
        .Select(type => (MessageCodec)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type))!)
        .ToList();

    public abstract Type Type { get; }

    public abstract short Lowest { get; }

    public abstract short Highest { get; }

    public static MessageCodec Named(string name) => All.Single(codec => codec.Type.Name == name);

    public abstract IMessage Read(ReadOnlyMemory<byte> bytes, short version, out int remaining);

    public static byte[] Write(IMessage message, short version)
    {
        using var writer = new ProtocolWriter();
        message.Write(writer, version);
        return writer.ToArray();
    }

    private sealed class Of<T> : MessageCodec
        where T : IMessage<T>
    {
        public override Type Type => typeof(T);

        public override short Lowest => T.LowestVersion;

        public override short Highest => T.HighestVersion;

        public override IMessage Read(ReadOnlyMemory<byte> bytes, short version, out int remaining)
        {
            var reader = new ProtocolReader(bytes);
            var message = T.Read(ref reader, version);
            remaining = reader.Remaining;
            return message;
        }
    }
}
