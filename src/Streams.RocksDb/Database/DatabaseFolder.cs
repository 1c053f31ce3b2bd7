using System.Runtime.InteropServices;
using System.Text;
using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>Opens a task's folder: its database with a column family for each store, those that exist and those that are new.</summary>
internal static unsafe class DatabaseFolder
{
    private static readonly TimeSpan _lockRetry = TimeSpan.FromMilliseconds(20);

    /// <summary>Opens the database, waiting up to <paramref name="lockWait"/> while its previous owner still has it.</summary>
    /// <exception cref="StoreLockedException">It is still open elsewhere.</exception>
    /// <exception cref="StoreCorruptedException">A file is damaged or missing.</exception>
    public static DatabaseHandle Open(
        string path, IReadOnlyCollection<string> wanted, RocksDbBudget budget, TimeSpan lockWait, out List<ColumnFamily> families)
    {
        Directory.CreateDirectory(path);
        var waitingSince = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return OpenOnce(path, wanted, budget, out families);
            }
            catch (StoreLockedException) when (TimeProvider.System.GetElapsedTime(waitingSince) < lockWait)
            {
                // RocksDB cannot wait for its lock file, nor can anything tell when another process lets go of it.
                Thread.Sleep(_lockRetry);
            }
        }
    }

    private static DatabaseHandle OpenOnce(string path, IReadOnlyCollection<string> wanted, RocksDbBudget budget, out List<ColumnFamily> families)
    {
        // RocksDB opens a database for writing only with every column family that it has.
        var names = ExistingFamilies(path);
        names.Add("default");
        names.UnionWith(wanted);

        var ordered = names.ToArray();
        using var options = budget.CreateOptions(ordered.Length);
        var handles = new nint[ordered.Length];
        var texts = ordered.Select(Terminated).ToArray();
        nint database;
        byte* error = null;
        using (var pins = new Pins(texts))
        {
            var perFamily = new nint[ordered.Length];
            Array.Fill(perFamily, options.Raw);
            fixed (byte* folder = Terminated(path))
            fixed (nint* pointers = pins.Pointers, familyOptions = perFamily, opened = handles)
                database = DatabaseCalls.Open(options.Raw, folder, ordered.Length, (byte**)pointers, familyOptions, opened, &error);
        }

        RocksError.ThrowIfSet(error, path, "opening");
        var owner = new DatabaseHandle(database);
        families = [.. ordered.Zip(handles, (name, handle) => new ColumnFamily(name, new ColumnFamilyHandle(owner, handle)))];
        return owner;
    }

    private static HashSet<string> ExistingFamilies(string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!File.Exists(Path.Combine(path, "CURRENT")))
            return names;

        using var options = new OptionsHandle();
        nuint count;
        byte* error = null;
        byte** list;
        fixed (byte* folder = Terminated(path))
            list = DatabaseCalls.ListFamilies(options.Raw, folder, &count, &error);
        RocksError.ThrowIfSet(error, path, "opening");

        for (nuint i = 0; i < count; i++)
            names.Add(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(list[i])));
        DatabaseCalls.FreeFamilyList(list, count);
        return names;
    }

    internal static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>Keeps texts in place while RocksDB reads a list of pointers to them.</summary>
    private readonly ref struct Pins
    {
        private readonly GCHandle[] _pins;

        public Pins(byte[][] texts)
        {
            _pins = Array.ConvertAll(
                texts, text => GCHandle.Alloc(text, GCHandleType.Pinned));
            Pointers = Array.ConvertAll(_pins, pin => pin.AddrOfPinnedObject());
        }

        public nint[] Pointers { get; }

        public void Dispose()
        {
            foreach (var pin in _pins)
                pin.Free();
        }
    }
}
