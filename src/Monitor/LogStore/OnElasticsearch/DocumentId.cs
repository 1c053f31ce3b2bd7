using System.Security.Cryptography;
using System.Text;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Ids as Elasticsearch takes them: at most 512 bytes. Longer ones become their hash; <c>event.id</c> has them in full.</summary>
internal static class DocumentId
{
    private const int BytesMax = 512;

    public static string Of(string id) =>
        id.Length * 3 <= BytesMax || Encoding.UTF8.GetByteCount(id) <= BytesMax
            ? id
            : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
}
