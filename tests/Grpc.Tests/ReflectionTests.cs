using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection;
using Grpc.Reflection.V1;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>Server reflection: what it tells a tool that has no .proto files.</summary>
public sealed class ReflectionTests
{
    [Fact]
    public async Task Every_service_that_is_mapped_is_listed()
    {
        await using var host = await HostAsync();
        using var asking = new ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        var list = await AskAsync(asking, new() { ListServices = "" });

        Assert.Equal(
            ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "grpctests.v1.Echo"],
            list.ListServicesResponse.Service.Select(service => service.Name));
    }

    [Theory]
    [InlineData("grpctests.v1.Echo")]
    [InlineData("grpctests.v1.Echo.Chat")]
    [InlineData("grpctests.v1.Note")]
    [InlineData("grpctests.v1.Note.text")]
    public async Task A_symbol_leads_to_the_file_that_declares_it(string symbol)
    {
        await using var host = await HostAsync();
        using var asking = new ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        var found = await AskAsync(asking, new() { Host = "example.com", FileContainingSymbol = symbol });

        Assert.Equal("example.com", found.ValidHost);
        Assert.Equal(symbol, found.OriginalRequest.FileContainingSymbol);
        Assert.Equal(["echo.proto"], Files(found));
    }

    [Fact]
    public async Task A_file_comes_with_those_that_it_needs()
    {
        await using var host = await KitchenAsync();
        using var asking = new ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        var found = await AskAsync(asking, new() { FileByFilename = "extended.proto" });

        Assert.Equal(["extended.proto", "echo.proto"], Files(found));
    }

    [Fact]
    public async Task Extensions_are_told_by_their_message_and_their_numbers()
    {
        await using var host = await KitchenAsync();
        using var asking = new ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        var numbers = await AskAsync(asking, new() { AllExtensionNumbersOfType = "grpctests.v1.Dish" });
        var none = await AskAsync(asking, new() { AllExtensionNumbersOfType = "grpctests.v1.Note" });
        var pepper = await AskAsync(asking, new() { FileContainingExtension = new() { ContainingType = "grpctests.v1.Dish", ExtensionNumber = 150 } });
        var saffron = await AskAsync(asking, new() { FileContainingExtension = new() { ContainingType = "grpctests.v1.Dish", ExtensionNumber = 151 } });

        Assert.Equal([100, 150], numbers.AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal("grpctests.v1.Dish", numbers.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(none.AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal("extended.proto", Files(pepper)[0]);
        Assert.Equal((int)StatusCode.NotFound, saffron.ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task What_is_not_known_is_not_found_and_the_next_question_is_answered()
    {
        await using var host = await HostAsync();
        using var asking = new ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        var symbol = await AskAsync(asking, new() { FileContainingSymbol = "no.such.Thing" });
        var file = await AskAsync(asking, new() { FileByFilename = "no-such.proto" });
        var type = await AskAsync(asking, new() { AllExtensionNumbersOfType = "no.such.Thing" });
        var nothing = await AskAsync(asking, new());
        var service = await AskAsync(asking, new() { FileContainingSymbol = "grpctests.v1.Echo" });

        Assert.All([symbol, file, type], answer => Assert.Equal((int)StatusCode.NotFound, answer.ErrorResponse.ErrorCode));
        Assert.Contains("'no.such.Thing'", symbol.ErrorResponse.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((int)StatusCode.InvalidArgument, nothing.ErrorResponse.ErrorCode);
        Assert.Equal(["echo.proto"], Files(service));
    }

    [Fact]
    public async Task Older_tools_are_told_the_same()
    {
        await using var host = await HostAsync();
        using var asking = new Reflection.V1Alpha.ServerReflection.ServerReflectionClient(host.Channel()).ServerReflectionInfo();

        await asking.RequestStream.WriteAsync(new() { FileContainingSymbol = "grpctests.v1.Echo" });
        Assert.True(await asking.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));

        var proto = Assert.Single(asking.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal("echo.proto", FileDescriptorProto.Parser.ParseFrom(proto).Name);
    }

    [SkippableFact]
    public async Task Grpcurl_lists_describes_and_calls_a_service_that_it_was_told_nothing_of()
    {
        await using var host = await HostAsync();

        var list = await GrpcurlAsync(host, "", "list");
        var described = await GrpcurlAsync(host, "", "describe", "grpctests.v1.Echo.Chat");
        var called = await GrpcurlAsync(host, """{"number":7}""", "grpctests.v1.Echo/Say");

        Assert.Contains("grpctests.v1.Echo", list, StringComparison.Ordinal);
        Assert.Contains("rpc Chat ( stream .grpctests.v1.Note ) returns ( stream .grpctests.v1.Note );", described, StringComparison.Ordinal);
        Assert.Contains("\"number\": 7", called, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mapping_the_service_without_adding_it_is_refused_with_a_reason()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => EchoHost.StartAsync(map: app => app.MapGrpcReflectionService()));

        Assert.Contains("AddGrpcReflection", failure.Message, StringComparison.Ordinal);
    }

    private static Task<EchoHost> HostAsync() => EchoHost.StartAsync(
        services: services => services.AddGrpcReflection(),
        map: app =>
        {
            app.MapGrpcService<EchoService>();
            app.MapGrpcReflectionService();
        });

    private static Task<EchoHost> KitchenAsync() => EchoHost.StartAsync(
        services: services => services.AddSingleton(new ReflectionV1ServiceImpl(Kitchen.Descriptor)),
        map: app => app.MapGrpcService<ReflectionV1ServiceImpl>());

    private static async Task<ServerReflectionResponse> AskAsync(
        AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> asking, ServerReflectionRequest request)
    {
        await asking.RequestStream.WriteAsync(request);
        Assert.True(await asking.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(EchoHost.Patience));
        return asking.ResponseStream.Current;
    }

    private static List<string> Files(ServerReflectionResponse found) =>
        [.. found.FileDescriptorResponse.FileDescriptorProto.Select(proto => FileDescriptorProto.Parser.ParseFrom(proto).Name)];

    private static async Task<string> GrpcurlAsync(EchoHost host, string requests, params string[] question)
    {
        string[] data = requests.Length > 0 ? ["-d", "@"] : [];
        await using var grpcurl = new OtherProgram(OtherClients.RunOrSkip(), ["grpcurl", "-plaintext", .. data, new Uri(host.Address).Authority, .. question], requests);
        var (exit, output) = await grpcurl.EndAsync(EchoHost.Patience);
        Assert.True(exit == 0, output);
        return output;
    }
}
