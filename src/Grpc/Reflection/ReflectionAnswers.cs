using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using static Grpc.Reflection.V1.ServerReflectionRequest;

namespace Grpc.Reflection;

/// <summary>What reflection answers to each of its requests.</summary>
internal sealed class ReflectionAnswers(IEnumerable<string> services, SymbolRegistry symbols)
{
    private readonly string[] _services = [.. services.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Answers for these services and the files that declare them.</summary>
    public static ReflectionAnswers Of(IEnumerable<ServiceDescriptor> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        return new(descriptors.Select(service => service.FullName), SymbolRegistry.FromFiles(descriptors.Select(service => service.File)));
    }

    public ServerReflectionResponse To(ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            MessageRequestOneofCase.ListServices => List(),
            MessageRequestOneofCase.FileByFilename => Files(symbols.FileByName(request.FileByFilename), $"No file '{request.FileByFilename}' is known here."),
            MessageRequestOneofCase.FileContainingSymbol =>
                Files(symbols.FileContainingSymbol(request.FileContainingSymbol), $"Nothing here is named '{request.FileContainingSymbol}'."),
            MessageRequestOneofCase.FileContainingExtension => Files(
                symbols.FileContainingExtension(request.FileContainingExtension.ContainingType, request.FileContainingExtension.ExtensionNumber),
                $"No extension {request.FileContainingExtension.ExtensionNumber} of '{request.FileContainingExtension.ContainingType}' is known here."),
            MessageRequestOneofCase.AllExtensionNumbersOfType => Extensions(request.AllExtensionNumbersOfType),
            _ => Error(StatusCode.InvalidArgument, "The request asks for nothing that server reflection knows."),
        };
        response.ValidHost = request.Host;
        response.OriginalRequest = request;
        return response;
    }

    private ServerReflectionResponse List()
    {
        var list = new ListServiceResponse();
        list.Service.AddRange(_services.Select(name => new ServiceResponse { Name = name }));
        return new() { ListServicesResponse = list };
    }

    private ServerReflectionResponse Extensions(string message)
    {
        if (!symbols.TryGetExtensionNumbers(message, out var numbers))
            return Error(StatusCode.NotFound, $"No message '{message}' is known here.");

        var response = new ExtensionNumberResponse { BaseTypeName = message };
        response.ExtensionNumber.AddRange(numbers);
        return new() { AllExtensionNumbersResponse = response };
    }

    private static ServerReflectionResponse Files(FileDescriptor? file, string otherwise)
    {
        if (file is null)
            return Error(StatusCode.NotFound, otherwise);

        // The file itself first, then what it needs, each once.
        var files = new List<FileDescriptor>();
        Collect(file, files);
        var response = new FileDescriptorResponse();
        response.FileDescriptorProto.AddRange(files.Select(needed => needed.SerializedData));
        return new() { FileDescriptorResponse = response };
    }

    private static void Collect(FileDescriptor file, List<FileDescriptor> files)
    {
        if (files.Contains(file))
            return;
        files.Add(file);
        foreach (var needed in file.Dependencies)
            Collect(needed, files);
    }

    private static ServerReflectionResponse Error(StatusCode code, string message) =>
        new() { ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message } };
}
