namespace Settings;

/// <summary>Fills plain options classes from a file, the environment and flags, and refuses what it does not understand.</summary>
/// <remarks>
/// Options are classes with a default for every property; a nested class is a section, a collection is a list, a dictionary
/// takes any keys. Durations are <see cref="TimeSpan"/> (<see cref="DurationText"/>); whole numbers whose name holds "Bytes"
/// take sizes (<see cref="SizeText"/>). An unknown key, a wrong type and a broken data annotation are all reported at once,
/// each with the place it was written.
/// </remarks>
public static class SettingsLoader
{
    /// <summary>Makes a <typeparamref name="T"/> with its defaults and lays the sources over it.</summary>
    /// <exception cref="SetupException">A source cannot be read, or holds what <typeparamref name="T"/> does not take: one line for each fault.</exception>
    public static T Load<T>(SettingsSources sources)
        where T : class, new() =>
        Load(sources, new T());

    /// <summary>Lays the sources over options that a program has already given its own defaults.</summary>
    /// <exception cref="SetupException">As for <see cref="Load{T}(SettingsSources)"/>.</exception>
    public static T Load<T>(SettingsSources sources, T options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);

        var binder = new SettingsBinder();
        binder.Bind(sources.Merge(), options);
        if (binder.Faults.Count == 0)
            SettingsValidator.Validate(options, binder.Origins, binder.Faults);
        if (binder.Faults.Count > 0)
            throw new SetupException(string.Join(Environment.NewLine, binder.Faults));
        return options;
    }
}
