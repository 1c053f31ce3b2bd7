using System.Globalization;

namespace NodeAgent.Queue;

/// <summary>Which run of the operating system this is.</summary>
internal static class BootId
{
    /// <summary>Differs after a reboot; 0 where the system does not say.</summary>
    public static ulong Current { get; } = Read();

    private static ulong Read()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) && Guid.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var id)
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(id.ToByteArray())
            : 0;
    }
}
