namespace Grpc.Core;

/// <summary>Which version of gRPC's API for C# this is.</summary>
public static class VersionInfo
{
    /// <summary>The version that assemblies bind to.</summary>
    public const string CurrentAssemblyVersion = "2.0.0.0";

    /// <summary>The version in the file.</summary>
    public const string CurrentAssemblyFileVersion = "2.66.0.0";

    /// <summary>The version for people.</summary>
    public const string CurrentVersion = "2.66.0-dev";
}
