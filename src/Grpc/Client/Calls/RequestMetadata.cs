using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Puts a caller's metadata on a request.</summary>
internal static class RequestMetadata
{
    /// <exception cref="ArgumentException">A key is the protocol's own, or a value is no text that a header can carry.</exception>
    public static void AddTo(HttpRequestMessage request, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (entry.Key == WireHeaders.EncodingRequest)
                continue;
            if (MetadataValues.IsProtocolKey(entry.Key))
                throw new ArgumentException($"The metadata key '{entry.Key}' belongs to the protocol. Choose another name.");

            var value = MetadataValues.Encode(entry);
            if (!MetadataValues.IsAscii(value))
            {
                throw new ArgumentException(
                    $"The metadata value of '{entry.Key}' is no printable ASCII. Send it as bytes under a key that ends in '-bin'.");
            }

            // A few names are HTTP's headers of a body, wherever they are set.
            if (!request.Headers.TryAddWithoutValidation(entry.Key, value))
                request.Content!.Headers.TryAddWithoutValidation(entry.Key, value);
        }
    }
}
