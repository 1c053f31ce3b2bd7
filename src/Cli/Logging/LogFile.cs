using System.Text;
using System.Threading.Channels;

namespace Cli.Logging;

/// <summary>A log on disk that never grows past its bound: the file rolls at 16 MiB, and four older ones are kept.</summary>
/// <remarks>
/// Writers never wait: at most 10,000 lines wait for the disk, further ones are dropped, and a line says how many.
/// </remarks>
internal sealed class LogFile : IAsyncDisposable
{
    private const int PendingLinesMax = 10_000;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(PendingLinesMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly string _path;
    private readonly long _bytesMax;
    private readonly int _olderFilesMax;
    private readonly Task _writing;
    private long _dropped;

    public LogFile(string path, long bytesMax = 16 << 20, int olderFilesMax = 4)
    {
        _path = path;
        _bytesMax = bytesMax;
        _olderFilesMax = olderFilesMax;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = Open();
        _writing = Task.Run(() => WriteAsync(file));
    }

    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is pending.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync(StreamWriter file)
    {
        try
        {
            while (await _lines.Reader.WaitToReadAsync())
            {
                while (_lines.Reader.TryRead(out var line))
                    await file.WriteLineAsync(line);
                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                    await file.WriteLineAsync($"{dropped} lines dropped: the disk was slower than the log.");
                await file.FlushAsync();
                if (file.BaseStream.Length >= _bytesMax)
                    file = await RollAsync(file);
            }
        }
        catch (IOException e)
        {
            // A full disk stops the log, not the system that writes it.
            await Console.Error.WriteLineAsync($"streams: cannot write the log {_path}: {e.Message}");
            _lines.Writer.TryComplete();
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    private async Task<StreamWriter> RollAsync(StreamWriter file)
    {
        await file.DisposeAsync();
        for (var i = _olderFilesMax; i >= 1; i--)
        {
            var younger = i == 1 ? _path : Older(i - 1);
            if (File.Exists(younger))
                File.Move(younger, Older(i), overwrite: true);
        }

        return Open();
    }

    private string Older(int age) => Path.ChangeExtension(_path, $".{age}{Path.GetExtension(_path)}");

    private StreamWriter Open() =>
        new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false));
}
