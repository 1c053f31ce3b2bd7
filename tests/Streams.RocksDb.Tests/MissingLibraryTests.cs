using Streams.RocksDb.Native;
using Xunit;

namespace Streams.RocksDb.Tests;

public sealed class MissingLibraryTests
{
    [Fact]
    public void A_missing_library_is_told_with_the_names_tried_and_what_to_install()
    {
        var error = Assert.Throws<RocksDbMissingException>(() => RocksLibrary.Load(["librocksdb.so.0.1", "librocksdb.so.0.2"]));

        Assert.Equal(["librocksdb.so.0.1", "librocksdb.so.0.2"], error.NamesTried);
        Assert.Contains("librocksdb.so.0.1, librocksdb.so.0.2", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install librocksdb7.8", error.Message, StringComparison.Ordinal);
        Assert.Contains("stores in memory, which need no library", error.Message, StringComparison.Ordinal);
    }
}
