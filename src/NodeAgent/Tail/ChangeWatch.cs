using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>The system's notices that something changed in the folders that hold the files.</summary>
/// <remarks>They only make reading prompt. What is there is found by looking, so a notice too few or too many harms nothing.</remarks>
internal sealed partial class ChangeWatch(ILogger logger) : IDisposable
{
    /// <summary>Folders watched at most: each takes one of the system's few inotify instances (128 a user by default).</summary>
    private const int FoldersMax = 32;

    private readonly Dictionary<string, FileSystemWatcher> _watchers = [];
    private bool _warned;
    private volatile bool _failed;
    private int _listWanted;

    /// <summary>Set on each notice.</summary>
    public Signal Changed { get; } = new();

    /// <summary>False where some folder gives no notices and its files must be looked at.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>True once after files were created, renamed or deleted.</summary>
    public bool TakeListWanted() => Interlocked.Exchange(ref _listWanted, 0) != 0;

    /// <summary>Watches these folders and no others.</summary>
    public void Watch(IReadOnlyCollection<string> folders)
    {
        foreach (var folder in _watchers.Keys.Where(folder => _failed || !folders.Contains(folder)).ToArray())
        {
            _watchers.Remove(folder, out var watcher);
            watcher!.Dispose();
        }

        _failed = false;
        foreach (var folder in folders)
        {
            if (_watchers.Count < FoldersMax && !_watchers.ContainsKey(folder) && Directory.Exists(folder))
                Add(folder);
        }

        IsComplete = folders.All(_watchers.ContainsKey);
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
            watcher.Dispose();
        _watchers.Clear();
    }

    private void Add(string folder)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(folder)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.Size | NotifyFilters.LastWrite,
            };
            watcher.Changed += (_, _) => Changed.Set();
            watcher.Created += (_, _) => ListChanged();
            watcher.Deleted += (_, _) => ListChanged();
            watcher.Renamed += (_, _) => ListChanged();
            watcher.Error += (_, _) =>
            {
                _failed = true;
                ListChanged();
            };
            watcher.EnableRaisingEvents = true;
            _watchers.Add(folder, watcher);
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            watcher?.Dispose();
            if (!_warned)
                NoNotices(error, folder);
            _warned = true;
        }
    }

    private void ListChanged()
    {
        Volatile.Write(ref _listWanted, 1);
        Changed.Set();
    }

    [LoggerMessage(10, LogLevel.Warning, "The system gives no change notices for {Folder}; its files are looked at at intervals instead. Raising fs.inotify.max_user_instances may help.")]
    private partial void NoNotices(Exception error, string folder);
}
