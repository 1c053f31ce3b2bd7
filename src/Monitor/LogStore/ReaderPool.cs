using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Monitor.LogStore;

/// <summary>Read connections, lent one search at a time. All lent out means wait.</summary>
/// <param name="readersMax">How many there are at most.</param>
internal sealed class ReaderPool(int readersMax) : IDisposable
{
    private readonly SemaphoreSlim _free = new(readersMax);
    private readonly ConcurrentBag<Reader> _idle = [];
    private volatile bool _closed;

    /// <summary>Takes a connection to <paramref name="database"/>; dispose the loan to give it back.</summary>
    public async ValueTask<Loan> RentAsync(SqliteDatabase database, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            while (_idle.TryTake(out var reader))
            {
                if (ReferenceEquals(reader.Database, database))
                    return new(this, reader);
                // Of a database that was set aside since.
                reader.Connection.Dispose();
            }

            return new(this, new(database, database.OpenReader()));
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    /// <summary>Closes what is idle; what is lent out closes when it comes back.</summary>
    public void Dispose()
    {
        _closed = true;
        CloseIdle();
    }

    private void GiveBack(Reader reader)
    {
        _idle.Add(reader);
        if (_closed)
            CloseIdle();
        _free.Release();
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
            reader.Connection.Dispose();
    }

    internal sealed record Reader(SqliteDatabase Database, SqliteConnection Connection);

    /// <summary>A connection for as long as it is needed.</summary>
    internal readonly struct Loan(ReaderPool pool, Reader reader) : IDisposable
    {
        public SqliteConnection Connection => reader.Connection;

        public void Dispose() => pool.GiveBack(reader);
    }
}
