using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Who is at the other end of a connection.</summary>
internal static class PeerIdentity
{
    private const string CommonName = "x509_common_name";
    private const string AlternativeName = "x509_subject_alternative_name";

    /// <summary>The peer's address, as gRPC writes it.</summary>
    public static string Address(ConnectionInfo connection) => connection.RemoteIpAddress switch
    {
        null => "unknown",
        { AddressFamily: AddressFamily.InterNetwork } ip => $"ipv4:{ip}:{connection.RemotePort}",
        { IsIPv4MappedToIPv6: true } ip => $"ipv4:{ip.MapToIPv4()}:{connection.RemotePort}",
        { } ip => $"ipv6:[{new IPAddress(ip.GetAddressBytes())}]:{connection.RemotePort}",
    };

    /// <summary>What a client's certificate says. The DNS names name the peer; without any, the common name does.</summary>
    public static AuthContext FromCertificate(X509Certificate2? certificate)
    {
        var properties = new Dictionary<string, List<AuthProperty>>();
        if (certificate is null)
            return new(null, properties);

        string? identity = null;
        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } commonName)
        {
            properties[CommonName] = [Property(CommonName, commonName)];
            identity = CommonName;
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => Property(AlternativeName, name))
            .ToList();
        if (names.Count > 0)
        {
            properties[AlternativeName] = names;
            identity = AlternativeName;
        }

        return new(identity, properties);
    }

    private static AuthProperty Property(string name, string value) => AuthProperty.Create(name, Encoding.UTF8.GetBytes(value));
}
