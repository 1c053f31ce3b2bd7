namespace Kafka.Protocol.Messages;

public sealed partial class RequestHeader
{
    /// <summary>The version of the header in front of a request: 2 for flexible ones, else 1.</summary>
    public static short VersionFor(ApiKey api, short version) => version >= FirstFlexibleOrNever(api) ? (short)2 : (short)1;

    /// <summary>
    /// Reads the header of any request, also of an API or version that is not known here, so that the server can say to whom it says no.
    /// </summary>
    /// <exception cref="ProtocolException">The bytes do not hold a header.</exception>
    public static RequestHeader ReadAny(ref ProtocolReader reader)
    {
        var header = new RequestHeader
        {
            RequestApiKey = (ApiKey)reader.ReadInt16(),
            RequestApiVersion = reader.ReadInt16(),
            CorrelationId = reader.ReadInt32(),
            ClientId = reader.ReadNullableString(flexible: false),
        };
        if (VersionFor(header.RequestApiKey, header.RequestApiVersion) >= 2)
            reader.SkipTags();
        return header;
    }

    private static short FirstFlexibleOrNever(ApiKey api) =>
        Enum.IsDefined(api) ? ApiFacts.FirstFlexibleVersion(api) : short.MaxValue;
}

public sealed partial class ResponseHeader
{
    /// <summary>
    /// The version of the header in front of a response: 1 for flexible ones, else 0. ApiVersions always answers with 0, since a client
    /// that asked in a version the broker does not know must still be able to read the refusal (KIP-511).
    /// </summary>
    public static short VersionFor(ApiKey api, short version) =>
        api != ApiKey.ApiVersions && version >= ApiFacts.FirstFlexibleVersion(api) ? (short)1 : (short)0;
}
