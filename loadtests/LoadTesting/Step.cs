namespace LoadTesting;

/// <summary>A part of a scenario that is measured by itself.</summary>
public static class Step
{
    /// <summary>Runs and measures a step. Its latency counts from when it began; the scenario's counts from when it was due.</summary>
    /// <returns>What the step answered.</returns>
    /// <remarks>An exception counts as the step's failure and goes on to the scenario, which fails with it unless it catches it.</remarks>
    public static async Task<TResponse> Run<TResponse>(string name, ScenarioContext context, Func<Task<TResponse>> run)
        where TResponse : Response
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);

        var began = context.Time.GetTimestamp();
        try
        {
            var response = await run().ConfigureAwait(false);
            context.RecordStep(name, response, context.Time.GetElapsedTime(began));
            return response;
        }
        catch (Exception exception)
        {
            context.RecordStep(name, Response.OfException(exception), context.Time.GetElapsedTime(began));
            throw;
        }
    }
}
