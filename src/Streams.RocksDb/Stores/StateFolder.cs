using Streams.RocksDb.Database;

namespace Streams.RocksDb.Stores;

/// <summary>A task's folder, and the note that says it is damaged: who finds damage cannot delete what is still open, so the next to open does.</summary>
internal sealed class StateFolder(string path)
{
    private readonly string _note = path + ".damaged";

    public string Path { get; } = path;

    public void NoteDamage(StoreCorruptedException error) => File.WriteAllLines(_note, [error.File, error.Reason]);

    public StoreCorruptedException? DamageFound()
    {
        if (!File.Exists(_note))
            return null;

        var lines = File.ReadAllLines(_note);
        return new StoreCorruptedException(Path, lines.ElementAtOrDefault(0) ?? Path, lines.ElementAtOrDefault(1) ?? "damage was noted");
    }

    /// <summary>Deletes the state: its stores are restored from their changelogs.</summary>
    public void Delete()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        if (File.Exists(_note))
            File.Delete(_note);
    }
}
