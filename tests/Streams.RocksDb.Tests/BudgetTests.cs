using System.ComponentModel.DataAnnotations;
using Xunit;

namespace Streams.RocksDb.Tests;

public sealed class BudgetTests
{
    private const long Mebibyte = 1 << 20;

    [SkippableFact]
    public void Too_little_memory_for_the_tasks_is_refused_with_the_numbers()
    {
        TaskState.SkipWhereMissing();

        var error = Assert.Throws<ValidationException>(
            () => new RocksDbBudget(new RocksDbOptions { MemoryBytes = 16 * Mebibyte, WriteBufferPercent = 5, Tasks = 1_000 }));

        Assert.Contains("1000 tasks", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32 * Mebibyte, 1, Mebibyte)]
    [InlineData(32 * Mebibyte, 50, 160 << 10)]
    [InlineData(64 << 10, 50, 4 << 10)]
    public void Memtables_of_many_stores_start_small_enough_to_fit_together(long bufferBytes, int families, long expected) =>
        Assert.Equal(expected, RocksDbBudget.ArenaBlock(bufferBytes, families));

    [SkippableFact]
    public async Task Fifty_stores_stay_within_the_budget()
    {
        TaskState.SkipWhereMissing();
        var keys = TaskState.IsLong ? 10_000_000 : 300_000;
        var budget = (TaskState.IsLong ? 128 : 32) * Mebibyte;

        var grown = await FillProgram.MeasureAsync(stores: 50, keys, budget);

        // Beside the budget: the library's code, its threads' stacks, file descriptions, and what the allocator holds back.
        Assert.InRange(grown, 1, budget + budget / 4 + 32 * Mebibyte);
    }
}
