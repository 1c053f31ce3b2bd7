namespace Grpc.Core;

/// <summary>Says whether a server's certificate is accepted.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);

/// <summary>The server that shows a certificate.</summary>
public class VerifyPeerContext
{
    internal VerifyPeerContext(string targetName, string peerPem) => (TargetName, PeerPem) = (targetName, peerPem);

    /// <summary>Who was called.</summary>
    public string TargetName { get; }

    /// <summary>The certificate as PEM.</summary>
    public string PeerPem { get; }
}
