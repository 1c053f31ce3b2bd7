using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Interop.V1;

namespace Grpc.Interop;

/// <summary>The protocol of all cases, for peers without a compiler.</summary>
internal static class Descriptors
{
    /// <summary>Every file after those that it needs.</summary>
    public static FileDescriptorSet All => new()
    {
        File =
        {
            DurationReflection.Descriptor.ToProto(),
            LoadReportReflection.Descriptor.ToProto(),
            LoadReportingReflection.Descriptor.ToProto(),
            InteropReflection.Descriptor.ToProto(),
        },
    };
}
