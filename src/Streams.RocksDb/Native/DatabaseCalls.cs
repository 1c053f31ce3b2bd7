using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>RocksDB's C API: databases, column families, reads, flushes.</summary>
/// <remarks>
/// Pointers are <see cref="nint"/>; every returned <c>char*</c> goes to <see cref="Free"/>. <c>error</c> must be null on entry and is read by
/// <see cref="RocksError"/>.
/// </remarks>
internal static unsafe partial class DatabaseCalls
{
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_free")]
    public static partial void Free(void* memory);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_open_column_families")]
    public static partial nint Open(nint options, byte* path, int count, byte** names, nint* familyOptions, nint* families, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_close")]
    public static partial void Close(nint database);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_list_column_families")]
    public static partial byte** ListFamilies(nint options, byte* path, nuint* count, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_list_column_families_destroy")]
    public static partial void FreeFamilyList(byte** list, nuint count);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_create_column_family")]
    public static partial nint CreateFamily(nint database, nint options, byte* name, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_drop_column_family")]
    public static partial void DropFamily(nint database, nint family, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_column_family_handle_destroy")]
    public static partial void DestroyFamilyHandle(nint family);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_write")]
    public static partial void Write(nint database, nint writeOptions, nint batch, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_get_pinned_cf")]
    public static partial nint GetPinned(nint database, nint readOptions, nint family, byte* key, nuint keyBytes, byte** error);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_pinnableslice_value"), SuppressGCTransition]
    public static partial byte* PinnedValue(nint slice, nuint* bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_pinnableslice_destroy")]
    public static partial void DestroyPinned(nint slice);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_create_snapshot")]
    public static partial nint CreateSnapshot(nint database);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_release_snapshot")]
    public static partial void ReleaseSnapshot(nint database, nint snapshot);

    /// <summary>A null bound leaves that end open. Tells no error.</summary>
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_compact_range_cf")]
    public static partial void CompactRange(nint database, nint family, byte* from, nuint fromBytes, byte* to, nuint toBytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_delete_file_in_range_cf")]
    public static partial void DeleteFilesInRange(nint database, nint family, byte* from, nuint fromBytes, byte* to, nuint toBytes, byte** error);

    /// <summary>0, or -1 for a figure that this version does not know.</summary>
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_property_int_cf")]
    public static partial int IntegerProperty(nint database, nint family, byte* name, ulong* value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_flushoptions_create")]
    public static partial nint CreateFlushOptions();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_flushoptions_destroy")]
    public static partial void DestroyFlushOptions(nint options);
}
