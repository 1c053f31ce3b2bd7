using Streams.RocksDb.Database;
using Xunit;

namespace Streams.RocksDb.Tests;

public sealed class CorruptionTests
{
    [SkippableFact]
    public void A_damaged_file_is_named_when_it_is_read()
    {
        using var state = Filled();
        var file = Damage(state.Path, "*.sst");
        state.Reopen("orders");

        var error = Assert.Throws<StoreCorruptedException>(() => state.Rows("orders"));

        Assert.Equal(file, error.File);
        Assert.Equal(state.Path, error.Path);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_missing_file_is_named_when_the_state_is_opened()
    {
        using var state = Filled();
        var file = Assert.Single(LargestFirst(state.Path, "*.sst").Take(1));
        File.Delete(file);

        var error = Assert.Throws<StoreCorruptedException>(() => state.Open("orders"));

        Assert.Equal(file, error.File);
    }

    [SkippableFact]
    public void A_damaged_manifest_is_reported_when_the_state_is_opened()
    {
        using var state = Filled();
        Damage(state.Path, "MANIFEST*");

        var error = Assert.Throws<StoreCorruptedException>(() => state.Open("orders"));

        Assert.StartsWith(state.Path, error.File, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_damaged_state_is_deleted_and_filled_again()
    {
        using var state = Filled();
        Damage(state.Path, "*.sst");
        state.Reopen("orders");
        Assert.Throws<StoreCorruptedException>(() => state.Rows("orders"));

        state.Database.Dispose();
        Directory.Delete(state.Path, recursive: true);
        state.Reopen("orders");
        state.Put("orders", ("a", "1"));

        Assert.Equal("a=1", state.Rows("orders"));
    }

    // 200 kB of rows in files, the database closed.
    private static TaskState Filled()
    {
        var state = new TaskState("orders");
        state.Put("orders", [.. Enumerable.Range(0, 2_000).Select(i => ($"key{i:0000}", new string('v', 100)))]);
        state.Database.Dispose();
        return state;
    }

    private static IEnumerable<string> LargestFirst(string path, string pattern) =>
        Directory.EnumerateFiles(path, pattern).OrderByDescending(file => new FileInfo(file).Length);

    private static string Damage(string path, string pattern)
    {
        var file = LargestFirst(path, pattern).First();
        var bytes = File.ReadAllBytes(file);
        bytes.AsSpan(bytes.Length / 3, Math.Min(64, bytes.Length / 3)).Fill(0xA5);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
