using System.Net;
using Google.Protobuf;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>Requests over plain HTTP, without a gRPC client that has its own mind about them.</summary>
internal static class RawRequest
{
    public const string Say = "/grpctests.v1.Echo/Say";

    public static byte[] Hello { get; } = Frame(new Note { Text = "hello" });

    public static HttpClient Http() => new(new SocketsHttpHandler()) { Timeout = EchoHost.Patience };

    public static async Task<HttpResponseMessage> PostAsync(
        EchoHost host, string path, HttpContent content, string contentType = "application/grpc", Version? version = null,
        (string Name, string Value)[]? headers = null)
    {
        var http = Http();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Address + path)
        {
            Version = version ?? HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(EchoHost.Patience);
    }

    private static byte[] Frame(Note note)
    {
        var message = note.ToByteArray();
        return [0, 0, 0, 0, (byte)message.Length, .. message];
    }
}
