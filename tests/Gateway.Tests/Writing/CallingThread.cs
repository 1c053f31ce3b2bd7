namespace Gateway.Tests.Writing;

/// <summary>Tells what an asynchronous method does at once, before its caller has the task.</summary>
internal static class CallingThread
{
    [ThreadStatic]
    private static bool t_isCalling;

    /// <summary>Whether the current thread is inside <see cref="Call"/>.</summary>
    public static bool IsThis => t_isCalling;

    /// <summary>Calls a method and returns its task.</summary>
    public static Task Call(Func<Task> method)
    {
        t_isCalling = true;
        try
        {
            return method();
        }
        finally
        {
            t_isCalling = false;
        }
    }
}
