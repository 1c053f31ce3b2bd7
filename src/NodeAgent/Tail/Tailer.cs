using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>Follows the files into the queue, a step at a time; <see cref="TailService"/> says when.</summary>
internal sealed class Tailer : IDisposable
{
    private readonly DiskQueue _queue;
    private readonly FileSet _files;
    private readonly FileReader _reader;

    public Tailer(DiskQueue queue, AgentOptions options, TimeProvider time, AgentMetrics metrics, ILogger<Tailer> logger)
    {
        _queue = queue;
        _files = new FileSet(queue, options, time, metrics, logger);
        _reader = new FileReader(queue, options.Read, time, metrics, logger);
    }

    /// <summary>The folders in which changes matter.</summary>
    public IReadOnlyCollection<string> Folders => _files.Folders;

    /// <summary>Finds again what the last run was reading.</summary>
    public void Resume() => _files.Resume();

    /// <summary>Looks for new, renamed and deleted files.</summary>
    public void Look() => _files.Look();

    /// <summary>Gives each file one turn. True where some file may have more and the queue has room.</summary>
    public bool ReadOnce()
    {
        var more = false;
        foreach (var file in _files.Files.ToArray())
        {
            if (!_queue.HasRoom)
                return false;
            if (file.CopyOf is null)
                more |= Read(file);
        }

        return more;
    }

    /// <summary>Time until some last line without an end is due; null where none waits.</summary>
    public TimeSpan? PartialDue() => _files.Files.Min(_reader.PartialDue);

    public void Dispose() => _files.Dispose();

    private bool Read(TailedFile file)
    {
        try
        {
            switch (_reader.Read(file))
            {
                case Turn.More:
                    return true;
                case Turn.Replaced:
                    _files.Replaced(file);
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception error) when (error is IOException and not QueueWriteException or UnauthorizedAccessException)
        {
            _files.Unreadable(file, error);
            return false;
        }
    }
}
