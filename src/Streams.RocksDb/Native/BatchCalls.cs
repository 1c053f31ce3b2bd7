using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>RocksDB's C API: write batches. Keys and values are copied.</summary>
internal static unsafe partial class BatchCalls
{
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_create")]
    public static partial nint Create();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_destroy")]
    public static partial void Destroy(nint batch);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_clear")]
    public static partial void Clear(nint batch);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_count"), SuppressGCTransition]
    public static partial int Count(nint batch);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_put_cf")]
    public static partial void Put(nint batch, nint family, byte* key, nuint keyBytes, byte* value, nuint valueBytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_delete_cf")]
    public static partial void Delete(nint batch, nint family, byte* key, nuint keyBytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writebatch_delete_range_cf")]
    public static partial void DeleteRange(nint batch, nint family, byte* from, nuint fromBytes, byte* to, nuint toBytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writeoptions_create")]
    public static partial nint CreateWriteOptions();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writeoptions_destroy")]
    public static partial void DestroyWriteOptions(nint writeOptions);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_writeoptions_disable_WAL")]
    public static partial void DisableLog(nint writeOptions, int disabled);
}
