using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Deploy.Tests.Manifests;

/// <summary>The <c>checksum/config</c> annotation: it changes with a pod's ConfigMaps, and a changed pod template is rolled out.</summary>
/// <remarks>The first 16 hexadecimal digits of SHA-256 over <c>[name,data,{}]</c> of each ConfigMap, names and keys sorted.</remarks>
internal static class ConfigChecksum
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IEnumerable<Manifest> configMaps)
    {
        var text = new StringBuilder();
        foreach (var map in configMaps.OrderBy(map => map.Name, StringComparer.Ordinal))
        {
            object[] content = [map.Name, map.Root.Pairs("data"), new Dictionary<string, string>()];
            text.Append(JsonSerializer.Serialize(content, Plain));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
