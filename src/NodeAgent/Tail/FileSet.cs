using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using NodeAgent.Queue;

namespace NodeAgent.Tail;

/// <summary>The files that are followed: found by globs, told apart through rotation, truncation and the reuse of inodes.</summary>
/// <remarks>
/// <para>An open file stays the same file whatever its name becomes; its inode is not used again while it is open. Across a restart, inode and head together say which file is which.</para>
/// <para>
/// copytruncate copies a file and then empties it. What had not been read by then is only in the copy, so the copy is read from
/// where the original was; until the original is emptied, the copy is not read at all.
/// </para>
/// </remarks>
internal sealed partial class FileSet : IDisposable
{
    private readonly DiskQueue _queue;
    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly AgentMetrics _metrics;
    private readonly ILogger _logger;
    private readonly GlobPattern[] _globs;
    private readonly ByteBuffer _record = new(64 << 10);
    private readonly List<TailedFile> _files = [];
    private readonly HashSet<string> _globsWithout = [];
    private readonly HashSet<string> _refused = [];
    private readonly bool _isResumed;
    private uint _nextId = 1;
    private int _look;
    private bool _isFull;

    public FileSet(DiskQueue queue, AgentOptions options, TimeProvider time, AgentMetrics metrics, ILogger logger)
    {
        _queue = queue;
        _options = options;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _globs = [.. options.Tail.Select(GlobPattern.Parse)];
        _isResumed = queue.Marks().Count > 0;
    }

    public IReadOnlyList<TailedFile> Files => _files;

    /// <summary>The folders in which changes matter.</summary>
    public IReadOnlyCollection<string> Folders
    {
        get
        {
            var folders = _globs.Select(glob => glob.Root).ToHashSet();
            foreach (var file in _files)
            {
                folders.Add(Path.GetDirectoryName(file.Path)!);
                // A link's target changes in the target's folder: Kubernetes' /var/log/containers is made of links.
                if (new FileInfo(file.Path).LinkTarget is not null && File.ResolveLinkTarget(file.Path, returnFinalTarget: true) is { } target)
                    folders.Add(Path.GetDirectoryName(target.FullName)!);
            }

            return folders;
        }
    }

    /// <summary>Finds again what the last run was reading.</summary>
    public void Resume()
    {
        var marks = _queue.Marks();
        _nextId = marks.Select(mark => mark.Id).DefaultIfEmpty().Max() + 1;
        foreach (var mark in marks)
        {
            if (!TryResume(mark))
            {
                using var entry = _queue.Begin();
                entry.Forget(mark.Id);
                entry.Commit();
                NotFoundAgain(mark.Path, mark.Position);
            }
        }
    }

    /// <summary>Looks for new, renamed and deleted files, and lets go of those that are read to their end.</summary>
    public void Look()
    {
        _look++;
        foreach (var glob in _globs)
        {
            var any = false;
            foreach (var path in glob.Matches(FolderUnreadable))
            {
                var name = Path.GetFileName(path);
                if (_options.Exclude.Any(exclude => GlobPattern.IsMatch(exclude, name)))
                    continue;
                any = true;
                Find(path);
            }

            if (!any && _globsWithout.Add(glob.Text))
                GlobWithout(glob.Text, glob.Root);
            else if (any && _globsWithout.Remove(glob.Text))
                GlobWith(glob.Text);
        }

        foreach (var file in _files.ToArray())
        {
            file.IsGone = file.Found != _look;
            if (file.IsGone)
                LetGoWhenRead(file);
        }

        _metrics.FilesOpen(_files.Count);
        _metrics.Unread(_files.Sum(file => file.CopyOf is null ? Math.Max(0, LengthNow(file) - file.Position) : 0));
    }

    // What was seen at the last turn may be old: no file gets a turn while the queue is full.
    private static long LengthNow(TailedFile file)
    {
        try
        {
            return RandomAccess.GetLength(file.Handle);
        }
        catch (IOException)
        {
            // The next turn says what is wrong with it.
            return file.Size;
        }
    }

    /// <summary>Starts a file anew whose content was cut off or replaced, and reads what rotation copied of it.</summary>
    public void Replaced(TailedFile file)
    {
        var before = file.Mark;
        var copy = _files.Find(other => other.CopyOf == file) ?? FindCopy(before, _nextId++);
        using var entry = _queue.Begin();
        if (copy is not null)
        {
            (copy.CopyOf, copy.Position, copy.MidLine) = (null, before.Position, before.MidLine);
            copy.Head.StillLeads(copy.Handle);
            entry.Move(copy.Mark);
        }

        file.Head.Clear();
        file.Head.StillLeads(file.Handle);
        (file.Position, file.SearchedTo, file.MidLine) = (0, 0, false);
        entry.Move(file.Mark);
        entry.Commit();
        StartedAnew(file.Path, before.Position, copy?.Path ?? "none");
    }

    /// <summary>Warns of a file that cannot be read, once, and counts.</summary>
    public void Unreadable(TailedFile file, Exception error)
    {
        _metrics.Fault("unreadable");
        if (!file.Warned.HasFlag(FileFaults.Unreadable))
            CannotRead(error.Message, file.Path);
        file.Warned |= FileFaults.Unreadable;
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
        _files.Clear();
    }

    // In this order: the same file under its name; the same file, emptied or its inode used again; the same file renamed;
    // the same content under its name on another device; a copy that rotation made of it.
    private bool TryResume(FileMark mark)
    {
        var named = Open(mark.Path, mark.Id);
        var leads = named is not null && FileHead.Leads(named.Handle, mark.Head) && RandomAccess.GetLength(named.Handle) >= mark.Position;
        var isSame = named is not null && named.Identity == mark.Identity;
        if (named is not null && isSame)
        {
            Follow(named, mark);
            if (!leads)
                ReplacedWhileAway(named, mark);
            return true;
        }

        var renamed = FindRenamed(mark);
        if (renamed is null && leads && mark.Head.Length == FileHead.BytesMax)
        {
            Follow(named!, mark);
            return true;
        }

        named?.Dispose();
        renamed ??= FindCopy(mark, mark.Id);
        if (renamed is not null)
        {
            Follow(renamed, mark);
            FoundRenamed(mark.Path, renamed.Path, mark.Position);
        }

        return renamed is not null;
    }

    private void ReplacedWhileAway(TailedFile file, FileMark mark)
    {
        var copy = FindCopy(mark, _nextId++);
        using var entry = _queue.Begin();
        if (copy is not null)
        {
            (copy.Position, copy.MidLine) = (mark.Position, mark.MidLine);
            entry.Move(copy.Mark);
        }

        (file.Position, file.SearchedTo, file.MidLine) = (0, 0, false);
        entry.Move(file.Mark);
        entry.Commit();
        StartedAnew(file.Path, mark.Position, copy?.Path ?? "none");
    }

    private void Follow(TailedFile file, FileMark mark)
    {
        (file.Position, file.SearchedTo, file.MidLine) = (mark.Position, mark.Position, mark.MidLine);
        file.Head.StillLeads(file.Handle);
        if (!_files.Contains(file))
            _files.Add(file);
        Following(file.Path, file.Position);
    }

    private void Find(string path)
    {
        FileStatus? status;
        try
        {
            status = FileStatus.Of(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Refuse(path, error.Message);
            return;
        }

        if (status is not { } found)
            return;
        if (found.Kind is not FileKind.Regular)
        {
            Refuse(path, found.Kind is FileKind.Directory ? "It is a folder; add /* to read the files in it." : "It is a pipe, socket or device.");
            return;
        }

        var known = _files.Find(file => found.Identity == default ? file.Path == path : file.Identity == found.Identity);
        if (known is not null)
        {
            // Several names may lead to one file; the first keeps it until it leads elsewhere.
            if (known.Path != path && !LeadsTo(known.Path, known.Identity))
                known.Path = path;
            known.Found = _look;
            CheckCopy(known);
            return;
        }

        if (_files.Count >= _options.Read.FilesMax)
        {
            if (!_isFull)
                TooManyFiles(_options.Read.FilesMax, path);
            _isFull = true;
            return;
        }

        _isFull = false;
        if (Open(path, _nextId) is { } opened)
            Begin(opened);
    }

    private void Begin(TailedFile file)
    {
        _nextId++;
        file.Found = _look;
        file.Head.StillLeads(file.Handle);
        file.QuietSince = _time.GetTimestamp();
        file.CopyOf = FindOriginal(file);
        if (_options.From is TailFrom.End && _look == 1 && !_isResumed)
        {
            // Written down at once: after a restart, what came since is not to be taken for old.
            file.Position = file.SearchedTo = file.Size = RandomAccess.GetLength(file.Handle);
            using var entry = _queue.Begin();
            entry.Move(file.Mark);
            entry.Commit();
        }

        _files.Add(file);
        _refused.Remove(file.Path);
        Following(file.Path, file.Position);
    }

    private TailedFile? Open(string path, uint id)
    {
        if (OpenHandle(path) is not { } handle)
            return null;
        var identity = FileStatus.Of(handle).Identity;
        if (identity != default && _files.Exists(file => file.Identity == identity))
        {
            handle.Dispose();
            return null;
        }

        var container = _options.Format is LineFormat.Cri ? ContainerName.Of(path) : null;
        var encoder = new LineEncoder(
            _options.NodeId, ServiceOf(path, container), path, _options.Read.RecordBytesMax, _record, _options.Format, container);
        return new TailedFile(id, path, handle, identity, encoder);
    }

    private SafeFileHandle? OpenHandle(string path)
    {
        try
        {
            return FileStatus.Of(path) is { Kind: FileKind.Regular }
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
                : null;
        }
        catch (FileNotFoundException)
        {
            return null; // Deleted between the look and the opening.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Refuse(path, error.Message);
            return null;
        }
    }

    private string ServiceOf(string path, ContainerName? container)
    {
        if (!string.IsNullOrEmpty(_options.Service))
            return _options.Service;
        if (container is not null)
            return container.Container;
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', 1);
        return dot < 0 ? name : name[..dot];
    }

    private TailedFile? FindRenamed(FileMark mark) => mark.Identity == default
        ? null
        : FindBeside(mark, mark.Id, (path, file) => path != mark.Path && file.Identity == mark.Identity);

    private TailedFile? FindCopy(FileMark mark, uint id) => mark.Head.Length == 0
        ? null
        : FindBeside(mark, id, (path, file) => file.Identity != mark.Identity && RotatedName.IsOf(mark.Path, path));

    // The newest first: yesterday's copy may begin with the same lines.
    private TailedFile? FindBeside(FileMark mark, uint id, Func<string, TailedFile, bool> isIt)
    {
        var folder = Path.GetDirectoryName(mark.Path)!;
        if (!Directory.Exists(folder))
            return null;
        foreach (var path in Directory.EnumerateFiles(folder).OrderByDescending(File.GetLastWriteTimeUtc).ToArray())
        {
            if (RotatedNameOrSameFile(mark, path) && Open(path, id) is { } file)
            {
                if (isIt(path, file) && FileHead.Leads(file.Handle, mark.Head) && RandomAccess.GetLength(file.Handle) >= mark.Position)
                {
                    file.QuietSince = _time.GetTimestamp();
                    file.Head.StillLeads(file.Handle);
                    _files.Add(file);
                    return file;
                }

                file.Dispose();
            }
        }

        return null;
    }

    private static bool RotatedNameOrSameFile(FileMark mark, string path) =>
        RotatedName.IsOf(mark.Path, path) || mark.Identity != default && LeadsTo(path, mark.Identity);

    // What an agent finds when it first starts is read in full: it saw none of it being copied.
    private TailedFile? FindOriginal(TailedFile file) => file.Head.IsEmpty || (_look == 1 && !_isResumed)
        ? null
        : _files.Find(other => other.CopyOf is null && other != file && !other.Head.IsEmpty
            && RotatedName.IsOf(other.Path, file.Path) && file.Head.Bytes.StartsWith(other.Head.Bytes));

    // A new file may have been empty when it was found. A copy stays one while both begin alike, whichever is longer.
    private void CheckCopy(TailedFile file)
    {
        if (file.CopyOf is null && file.Head.IsEmpty && file.Head.StillLeads(file.Handle))
        {
            file.CopyOf = FindOriginal(file);
        }
        else if (file.CopyOf is { } original)
        {
            var stays = file.Head.StillLeads(file.Handle)
                && (original.Head.Bytes.StartsWith(file.Head.Bytes) || file.Head.Bytes.StartsWith(original.Head.Bytes));
            file.CopyOf = stays ? original : null;
        }
    }

    private void LetGoWhenRead(TailedFile file)
    {
        var isRead = file.CopyOf is not null || file.Position >= RandomAccess.GetLength(file.Handle);
        if (!isRead || _time.GetElapsedTime(file.QuietSince) < _options.Read.RotatedQuietTime)
            return;

        using (var entry = _queue.Begin())
        {
            foreach (var copy in _files.Where(other => other.CopyOf == file))
            {
                (copy.CopyOf, copy.Position, copy.MidLine) = (null, file.Position, file.MidLine);
                entry.Move(copy.Mark);
            }

            entry.Forget(file.Id);
            entry.Commit();
        }

        _files.Remove(file);
        file.Dispose();
        LetGo(file.Path, file.Position);
    }

    private static bool LeadsTo(string path, FileIdentity identity)
    {
        try
        {
            return FileStatus.Of(path)?.Identity == identity;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Refuse(string path, string reason)
    {
        _metrics.Fault("unreadable");
        if (_refused.Count < _options.Read.FilesMax && _refused.Add(path))
            CannotRead(reason, path);
    }

    private void FolderUnreadable(string folder, Exception error) => Refuse(folder, error.Message);

    [LoggerMessage(1, LogLevel.Warning, "No file matches {Glob} yet; looking on in {Folder}.")]
    private partial void GlobWithout(string glob, string folder);

    [LoggerMessage(2, LogLevel.Information, "Files match {Glob} now.")]
    private partial void GlobWith(string glob);

    [LoggerMessage(3, LogLevel.Information, "Reading {Path} from byte {Position}.")]
    private partial void Following(string path, long position);

    [LoggerMessage(4, LogLevel.Information, "{Path} was cut off or replaced after byte {Position} was read; reading it from its start. Copy with the rest: {Copy}.")]
    private partial void StartedAnew(string path, long position, string copy);

    [LoggerMessage(5, LogLevel.Information, "{Path} was renamed to {NewPath} while the agent was away; reading it on from byte {Position}.")]
    private partial void FoundRenamed(string path, string newPath, long position);

    [LoggerMessage(6, LogLevel.Information, "{Path}, read to byte {Position} by the last run, is no longer there.")]
    private partial void NotFoundAgain(string path, long position);

    [LoggerMessage(7, LogLevel.Information, "{Path} was renamed or deleted and is read to its end at byte {Position}; letting it go.")]
    private partial void LetGo(string path, long position);

    [LoggerMessage(8, LogLevel.Warning, "{Path} cannot be read: {Reason} Trying on.")]
    private partial void CannotRead(string reason, string path);

    [LoggerMessage(9, LogLevel.Warning, "{FilesMax} files are followed, which is the bound (Read:FilesMax): {Path} and others wait until some go.")]
    private partial void TooManyFiles(int filesMax, string path);
}
