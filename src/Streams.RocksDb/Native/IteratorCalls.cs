using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>RocksDB's C API: iterators and the options they read with.</summary>
/// <remarks>A key or value pointer lives until the iterator's next move. Bounds are not copied: they must outlive the iterator.</remarks>
internal static unsafe partial class IteratorCalls
{
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_create_iterator_cf")]
    public static partial nint Create(nint database, nint readOptions, nint family);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_destroy")]
    public static partial void Destroy(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_seek_to_first")]
    public static partial void SeekToFirst(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_seek_to_last")]
    public static partial void SeekToLast(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_next")]
    public static partial void Next(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_prev")]
    public static partial void Previous(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_valid"), SuppressGCTransition]
    public static partial byte IsValid(nint iterator);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_key"), SuppressGCTransition]
    public static partial byte* Key(nint iterator, nuint* bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_value"), SuppressGCTransition]
    public static partial byte* Value(nint iterator, nuint* bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_iter_get_error")]
    public static partial void GetError(nint iterator, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_readoptions_create")]
    public static partial nint CreateReadOptions();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_readoptions_destroy")]
    public static partial void DestroyReadOptions(nint readOptions);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_readoptions_set_iterate_lower_bound")]
    public static partial void SetLowerBound(nint readOptions, byte* key, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_readoptions_set_iterate_upper_bound")]
    public static partial void SetUpperBound(nint readOptions, byte* key, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_readoptions_set_snapshot")]
    public static partial void SetSnapshot(nint readOptions, nint snapshot);
}
