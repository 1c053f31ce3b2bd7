using System.Runtime.InteropServices;

namespace Streams.RocksDb.Native;

/// <summary>RocksDB's C API: options, the table format, the block cache.</summary>
/// <remarks>
/// A database copies its options when it opens. A filter policy passes to the table options that are given it: it is never destroyed by us, and
/// never given to two.
/// </remarks>
internal static partial class OptionsCalls
{
    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_create")]
    public static partial nint Create();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_destroy")]
    public static partial void Destroy(nint options);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_create_if_missing")]
    public static partial void SetCreateIfMissing(nint options, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_create_missing_column_families")]
    public static partial void SetCreateMissingFamilies(nint options, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_atomic_flush")]
    public static partial void SetAtomicFlush(nint options, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_write_buffer_size")]
    public static partial void SetWriteBufferBytes(nint options, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_max_write_buffer_number")]
    public static partial void SetWriteBuffersMax(nint options, int count);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_db_write_buffer_size")]
    public static partial void SetDatabaseWriteBufferBytes(nint options, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_arena_block_size")]
    public static partial void SetArenaBlockBytes(nint options, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_memtable_prefix_bloom_size_ratio")]
    public static partial void SetMemtableFilterRatio(nint options, double ratio);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_memtable_whole_key_filtering")]
    public static partial void SetMemtableWholeKeyFilter(nint options, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_compression")]
    public static partial void SetCompression(nint options, int kind);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_max_open_files")]
    public static partial void SetOpenFilesMax(nint options, int count);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_info_log_level")]
    public static partial void SetInfoLogLevel(nint options, int level);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_keep_log_file_num")]
    public static partial void SetLogFilesKept(nint options, nuint count);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_options_set_block_based_table_factory")]
    public static partial void SetTable(nint options, nint tableOptions);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_create")]
    public static partial nint CreateTable();

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_destroy")]
    public static partial void DestroyTable(nint tableOptions);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_block_cache")]
    public static partial void SetTableCache(nint tableOptions, nint cache);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_block_size")]
    public static partial void SetTableBlockBytes(nint tableOptions, nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_filter_policy")]
    public static partial void SetTableFilter(nint tableOptions, nint filterPolicy);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_cache_index_and_filter_blocks")]
    public static partial void SetTableIndexInCache(nint tableOptions, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache")]
    public static partial void SetTablePinLevelZero(nint tableOptions, byte value);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_block_based_options_set_format_version")]
    public static partial void SetTableFormat(nint tableOptions, int version);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_filterpolicy_create_bloom_full")]
    public static partial nint CreateBloomFilter(double bitsPerKey);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_cache_create_lru")]
    public static partial nint CreateCache(nuint bytes);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_cache_destroy")]
    public static partial void DestroyCache(nint cache);

    [LibraryImport(RocksLibrary.Name, EntryPoint = "rocksdb_cache_get_usage")]
    public static partial nuint CacheUsage(nint cache);
}
