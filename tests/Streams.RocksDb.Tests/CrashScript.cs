using System.Buffers.Binary;
using Streams.RocksDb.Database;

namespace Streams.RocksDb.Tests;

/// <summary>One commit, decided by seed and number: puts, deletes and range deletes over three stores, and the offset.</summary>
internal sealed class CrashScript(int seed, long commit)
{
    public const int KeysPerStore = 3_000;
    private const string Changelog = "changelog";

    private readonly Random _random = new(HashSeed(seed, commit));

    public static string[] Stores { get; } = ["counts", "windows", "joins"];

    /// <summary>Commits that the database says it holds.</summary>
    public static long CommitsIn(RocksDatabase database) => database.Offsets[Changelog, 0] ?? 0;

    public void Write(RocksDatabase database, WriteBatch batch)
    {
        Span<byte> key = stackalloc byte[sizeof(int)];
        Span<byte> end = stackalloc byte[sizeof(int)];
        foreach (var (store, first, last, value) in Changes())
        {
            var family = database.Family(Stores[store]);
            BinaryPrimitives.WriteInt32BigEndian(key, first);
            BinaryPrimitives.WriteInt32BigEndian(end, last);
            if (value is not null)
                batch.Put(family, key, value);
            else if (last == first + 1)
                batch.Delete(family, key);
            else
                batch.DeleteRange(family, key, end);
        }

        database.Offsets.Write(batch, Changelog, 0, commit + 1);
    }

    public void Apply(byte[]?[][] model)
    {
        foreach (var (store, first, last, value) in Changes())
        {
            for (var key = first; key < last; key++)
                model[store][key] = value;
        }
    }

    // A value for one key, or none for the keys from First on and below Last.
    private IEnumerable<(int Store, int First, int Last, byte[]? Value)> Changes()
    {
        for (var changes = _random.Next(1, 20); changes > 0; changes--)
        {
            var store = _random.Next(Stores.Length);
            var key = _random.Next(KeysPerStore);
            var kind = _random.Next(100);
            if (kind == 0)
            {
                yield return (store, key, Math.Min(key + _random.Next(2, 50), KeysPerStore), null);
            }
            else if (kind < 20)
            {
                yield return (store, key, key + 1, null);
            }
            else
            {
                var value = new byte[_random.Next(8, 120)];
                BinaryPrimitives.WriteInt64BigEndian(value, commit);
                yield return (store, key, key + 1, value);
            }
        }
    }

    private static int HashSeed(int seed, long commit) => unchecked((int)((ulong)(commit + 1) * 0x9E37_79B9_7F4A_7C15 >> 32) ^ seed);
}
