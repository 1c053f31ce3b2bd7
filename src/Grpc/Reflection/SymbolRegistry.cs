using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Reflection;

namespace Grpc.Reflection;

/// <summary>Protobuf files, by their names and by what they declare.</summary>
public sealed class SymbolRegistry
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    private SymbolRegistry()
    {
    }

    /// <summary>Takes up files and those that they need.</summary>
    /// <exception cref="ArgumentNullException">The argument is null.</exception>
    public static SymbolRegistry FromFiles(IEnumerable<FileDescriptor> fileDescriptors)
    {
        ArgumentNullException.ThrowIfNull(fileDescriptors);
        var registry = new SymbolRegistry();
        foreach (var file in fileDescriptors)
            registry.Add(file);
        return registry;
    }

    /// <summary>The file of this name, or null.</summary>
    public FileDescriptor? FileByName(string filename) => _files.GetValueOrDefault(filename);

    /// <summary>The file that declares this service, method, message, field, oneof, enum, enum value or extension, by its full name; or null.</summary>
    public FileDescriptor? FileContainingSymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    /// <summary>The file that declares this extension of a message, or null.</summary>
    internal FileDescriptor? FileContainingExtension(string message, int number) =>
        _extensions.TryGetValue(message, out var extensions) ? extensions.GetValueOrDefault(number) : null;

    /// <summary>The numbers of a message's extensions, rising; false where there is no such message.</summary>
    internal bool TryGetExtensionNumbers(string message, [NotNullWhen(true)] out IReadOnlyCollection<int>? numbers)
    {
        numbers = _extensions.TryGetValue(message, out var extensions) ? extensions.Keys : [];
        return _symbols.TryGetValue(message, out var file) && file.FindTypeByName<MessageDescriptor>(NameInPackage(message, file)) is not null;
    }

    private static string NameInPackage(string fullName, FileDescriptor file) =>
        file.Package.Length == 0 ? fullName : fullName[(file.Package.Length + 1)..];

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
            return;

        foreach (var needed in file.Dependencies)
            Add(needed);
        foreach (var service in file.Services)
            Add(service);
        foreach (var message in file.MessageTypes)
            Add(message);
        foreach (var type in file.EnumTypes)
            Add(type);
        foreach (var extension in file.Extensions.UnorderedExtensions)
            Add(extension);
    }

    private void Add(ServiceDescriptor service)
    {
        _symbols[service.FullName] = service.File;
        foreach (var method in service.Methods)
            _symbols[method.FullName] = method.File;
    }

    private void Add(MessageDescriptor message)
    {
        _symbols[message.FullName] = message.File;
        foreach (var nested in message.NestedTypes)
            Add(nested);
        foreach (var type in message.EnumTypes)
            Add(type);
        foreach (var field in message.Fields.InDeclarationOrder())
            _symbols[field.FullName] = field.File;
        foreach (var oneof in message.Oneofs)
            _symbols[oneof.FullName] = oneof.File;
        foreach (var extension in message.Extensions.UnorderedExtensions)
            Add(extension);
    }

    private void Add(EnumDescriptor type)
    {
        _symbols[type.FullName] = type.File;
        foreach (var value in type.Values)
            _symbols[value.FullName] = value.File;
    }

    private void Add(FieldDescriptor extension)
    {
        _symbols[extension.FullName] = extension.File;
        var message = extension.ExtendeeType.FullName;
        if (!_extensions.TryGetValue(message, out var extensions))
            _extensions[message] = extensions = [];
        extensions[extension.FieldNumber] = extension.File;
    }
}
