using System.Reflection;
using System.Runtime.InteropServices;
using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Finds librdkafka: beside the program where a package brought it, else the system's own.</summary>
internal static class NativeClient
{
    private const string Name = "librdkafka";

    private static readonly Assembly Managed = typeof(Rd.Library).Assembly;

    // Distributions install the versioned name alone; the bare one comes with the development package.
    private static readonly string[] SystemNames = ["librdkafka.so.1", "librdkafka.1.dylib"];

    private static readonly Lazy<nint> Handle = new(Find);

    /// <summary>Loads the library and makes Confluent.Kafka use it. May be called again.</summary>
    public static void Load()
    {
        if (Handle.Value == 0)
        {
            throw new KafkaException(
                KafkaErrorKind.Fatal,
                KafkaErrors.LibraryMissing,
                "Kafka's native client, librdkafka, is not installed: run 'apt-get install librdkafka1' (Debian, Ubuntu), "
                + "'dnf install librdkafka' (Fedora) or 'brew install librdkafka' (macOS), then start again.");
        }
    }

    private static nint Find()
    {
        if (!NativeLibrary.TryLoad(Name, Managed, searchPath: null, out var library)
            && !SystemNames.Any(name => NativeLibrary.TryLoad(name, out library)))
        {
            return 0;
        }

        NativeLibrary.SetDllImportResolver(Managed, (name, _, _) => name == Name ? library : 0);
        if (Assembly.GetExecutingAssembly() is var own && own != Managed)
            NativeLibrary.SetDllImportResolver(own, (name, _, _) => name == Name ? library : 0);
        return library;
    }
}
