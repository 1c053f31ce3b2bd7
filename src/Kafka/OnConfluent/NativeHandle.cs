using System.Reflection;
using System.Runtime.InteropServices;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>The way past Confluent.Kafka to the librdkafka client that it holds, for the few calls that it does not offer.</summary>
internal sealed class NativeHandle
{
    // Internal to Confluent.Kafka, the same since 1.0; the contract tests notice a version that moves it.
    private static readonly PropertyInfo Property =
        typeof(Rd.Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMemberException(nameof(Rd.Handle), "LibrdkafkaHandle");

    private readonly SafeHandle _handle;

    public NativeHandle(Rd.Handle handle) =>
        _handle = Property.GetValue(handle) as SafeHandle ?? throw new ArgumentException("The handle holds no librdkafka client.", nameof(handle));

    /// <summary>Makes a call with the client's pointer, which stays valid for as long as the call runs.</summary>
    public T Call<T>(Func<nint, T> call)
    {
        var held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            return call(_handle.DangerousGetHandle());
        }
        finally
        {
            if (held)
                _handle.DangerousRelease();
        }
    }
}
