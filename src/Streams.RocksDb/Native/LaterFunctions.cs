namespace Streams.RocksDb.Native;

/// <summary>Functions that Debian 12's version (7.8) does not have yet; used where the library exports them.</summary>
internal static unsafe class LaterFunctions
{
    // rocksdb_flush_cfs(db, flushoptions, families, count, error): from 8.1.
    private static readonly nint _flushFamilies = RocksLibrary.FindLaterFunction("rocksdb_flush_cfs");

    // From 8.9.
    private static readonly nint _createBufferManager = RocksLibrary.FindLaterFunction("rocksdb_write_buffer_manager_create_with_cache");
    private static readonly nint _destroyBufferManager = RocksLibrary.FindLaterFunction("rocksdb_write_buffer_manager_destroy");
    private static readonly nint _setBufferManager = RocksLibrary.FindLaterFunction("rocksdb_options_set_write_buffer_manager");

    public static bool CanFlushFamilies => _flushFamilies != 0;

    public static bool HasWriteBufferManager => _createBufferManager != 0 && _destroyBufferManager != 0 && _setBufferManager != 0;

    public static void FlushFamilies(nint database, nint flushOptions, nint* families, int count, byte** error) =>
        ((delegate* unmanaged<nint, nint, nint*, int, byte**, void>)_flushFamilies)(database, flushOptions, families, count, error);

    public static nint CreateWriteBufferManager(nuint bytes, nint cache, bool stall) =>
        ((delegate* unmanaged<nuint, nint, byte, nint>)_createBufferManager)(bytes, cache, stall ? (byte)1 : (byte)0);

    public static void DestroyWriteBufferManager(nint manager) => ((delegate* unmanaged<nint, void>)_destroyBufferManager)(manager);

    public static void SetWriteBufferManager(nint options, nint manager) =>
        ((delegate* unmanaged<nint, nint, void>)_setBufferManager)(options, manager);
}
