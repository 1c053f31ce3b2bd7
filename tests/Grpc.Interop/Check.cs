using Grpc.Core;

namespace Grpc.Interop;

/// <summary>What cases insist on.</summary>
internal static class Check
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new CaseFailedException($"{what} is {actual}, not {expected}.");
    }

    public static void True(bool condition, string what)
    {
        if (!condition)
            throw new CaseFailedException(what);
    }

    public static async Task<RpcException> FailsAsync(Func<Task> call, StatusCode expected)
    {
        try
        {
            await call();
        }
        catch (RpcException failure)
        {
            Equal(expected, failure.StatusCode, $"The status of a call ({failure.Status.Detail})");
            return failure;
        }

        throw new CaseFailedException($"A call succeeded that was to end with {expected}.");
    }
}
