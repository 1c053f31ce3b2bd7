using System.Collections;
using System.Reflection;

namespace Kafka.Protocol.Tests;

/// <summary>Fills a generated message with values, leaving out what a version cannot carry.</summary>
internal sealed class MessageFiller(int seed)
{
    private readonly Random _random = new(seed);

    public IMessage Fill(Type type, short version)
    {
        var message = (IMessage)Activator.CreateInstance(type)!;
        foreach (var property in Settable(type))
        {
            var untouched = property.GetValue(message);
            property.SetValue(message, Value(property, property.PropertyType, version));
            try
            {
                MessageCodec.Write(message, version);
            }
            catch (ProtocolException)
            {
                property.SetValue(message, untouched);
            }
        }

        return message;
    }

    public static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    /// <summary>Whether what was read is what was written, or untouched where the version does not carry the field.</summary>
    public static string? Difference(object? written, object? read, object? untouched, string path)
    {
        if (Same(written, read) || (untouched is not IMessage && Same(untouched, read)))
            return null;
        switch (written, read)
        {
            case (IMessage a, IMessage b):
                var fresh = Activator.CreateInstance(a.GetType());
                return Settable(a.GetType())
                    .Select(p => Difference(p.GetValue(a), p.GetValue(b), p.GetValue(fresh), $"{path}.{p.Name}"))
                    .FirstOrDefault(difference => difference is not null);
            case (IList a, IList b) when a.Count == b.Count:
                return Enumerable.Range(0, a.Count)
                    .Select(i => Difference(a[i], b[i], null, $"{path}[{i}]"))
                    .FirstOrDefault(difference => difference is not null);
            default:
                return $"{path}: wrote {written ?? "null"}, read {read ?? "null"}";
        }
    }

    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (null, null) => true,
        (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
        (ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span),
        (IList { Count: 0 }, IList { Count: 0 }) => true,
        _ => Equals(a, b),
    };

    private object? Value(PropertyInfo property, Type type, short version)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var nullable = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        if (nullable && type != typeof(ReadOnlyMemory<byte>) && !typeof(IMessage).IsAssignableFrom(type) && _random.Next(4) == 0)
            return null;
        return Value(type, version);
    }

    private object Value(Type type, short version)
    {
        if (type == typeof(bool))
            return _random.Next(2) == 1;
        if (type == typeof(sbyte))
            return (sbyte)_random.Next(-128, 128);
        if (type == typeof(short))
            return (short)_random.Next(short.MinValue, short.MaxValue);
        if (type == typeof(ushort))
            return (ushort)_random.Next(ushort.MaxValue);
        if (type == typeof(int))
            return _random.Next(int.MinValue, int.MaxValue);
        if (type == typeof(long))
            return _random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(string))
            return new string('é', _random.Next(3)) + _random.Next();
        if (type == typeof(TopicId))
            return new TopicId(new UInt128((ulong)_random.NextInt64(), (ulong)_random.NextInt64()));
        if (type.IsEnum)
            return Enum.ToObject(type, (short)_random.Next(1, 100));
        if (type == typeof(byte[]))
            return Bytes(_random.Next(200));
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(Bytes(_random.Next(3) * 1000)); // short ones are copied, long ones spliced
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type)!;
            for (var left = _random.Next(4); left > 0; left--)
                list.Add(Value(type.GetGenericArguments()[0], version));
            return list;
        }

        return typeof(IMessage).IsAssignableFrom(type) ? Fill(type, version) : throw new NotSupportedException(type.Name);
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
