using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>Asks the handlers about records that failed, and does what they say. Shared by a thread's tasks.</summary>
/// <param name="config">The handlers and the dead-letter topic.</param>
/// <param name="wait">Waits between tries: a thread on its clock, a test driver not at all.</param>
/// <param name="logger">Told of every record that is dropped.</param>
internal sealed partial class RecordErrors(StreamConfig config, Action<TimeSpan> wait, ILogger logger)
{
    /// <summary>Whether input records are kept as they were read until they are processed: dead letters are made of them.</summary>
    public bool KeepsSources => config.DeadLetterTopic is not null;

    /// <summary>A record could not be read.</summary>
    /// <returns>True to try again; false where it is dropped.</returns>
    /// <exception cref="DeserializationException">The handler said to stop.</exception>
    public bool OnUnreadable(TaskContext context, in RecordView view, DeserializationError error)
    {
        var response = Ask(config.DeserializationErrors, error, nameof(StreamConfig.DeserializationErrors));
        if (Retries(ref response, error))
            return true;

        if (response.SendsDeadLetter)
            Send(context, error, DeadLetter.Of(in view, error.Record!.Value));
        if (response.Fails)
            throw new DeserializationException(error);
        Drop(context, error, response);
        return false;
    }

    /// <summary>Code of the topology's own failed on a record.</summary>
    /// <returns>True to try again; false where the record is dropped.</returns>
    /// <exception cref="ProcessingException">The handler said to stop.</exception>
    public bool OnFailed(TaskContext context, ProcessingError error)
    {
        var response = Ask(config.ProcessingErrors, error, nameof(StreamConfig.ProcessingErrors));
        if (Retries(ref response, error))
            return true;

        if (response.SendsDeadLetter)
            Send(context, error, context.Source);
        if (response.Fails)
            throw new ProcessingException(error.Node, error.Task, error.Record, error.Error);
        Drop(context, error, response);
        return false;
    }

    /// <summary>A record could not be written.</summary>
    /// <returns>True to try again; false where the record is dropped.</returns>
    /// <exception cref="ProductionException">The handler said to stop.</exception>
    public bool OnUnwritable(TaskContext context, ProductionError error, DeadLetter? source)
    {
        var response = Ask(config.ProductionErrors, error, nameof(StreamConfig.ProductionErrors));
        if (Retries(ref response, error))
            return true;

        if (response.SendsDeadLetter)
            Send(context, error, source);
        if (response.Fails)
            throw new ProductionException(error);
        Drop(context, error, response);
        return false;
    }

    /// <summary>A timestamp extractor wanted a record skipped.</summary>
    public void OnTimeless(string node, TaskId task, TopicPartition partition, long offset, long time) =>
        RecordTimeless(offset, partition, node, task, time);

    private ErrorResponse Ask<TError>(Func<TError, ErrorResponse>? handler, TError error, string name)
        where TError : RecordError
    {
        // Kafka Streams' default: fail, and leave a dead letter where there is a topic for them.
        if (handler is null)
            return config.DeadLetterTopic is null || error is DeserializationError { Origin: DeserializationOrigin.Timestamp }
                ? ErrorResponse.Fail
                : ErrorResponse.DeadLetterThenFail;

        try
        {
            return handler(error) ?? throw new InvalidOperationException("It returned null.");
        }
        catch (Exception failure)
        {
            throw new ErrorHandlerException(name, error, $"failed itself ({failure.Message})", failure);
        }
    }

    private bool Retries(ref ErrorResponse response, RecordError error)
    {
        while (response.Policy is { } policy)
        {
            if (policy.TotalDelay >= config.Consumer.PollIntervalMax)
            {
                throw new StreamsException(
                    $"A retry of node '{error.Node}' may wait {policy.TotalDelay} in all, and after {config.Consumer.PollIntervalMax} without a poll " +
                    "the group takes the thread for dead. Shorten the RetryPolicy, or raise ConsumerSettings.PollIntervalMax.",
                    error.Error);
            }

            if (error.Attempt < policy.Attempts)
            {
                wait(policy.DelayAfter(error.Attempt));
                return true;
            }

            response = response.Then!;
        }

        return false;
    }

    private void Send(TaskContext context, RecordError error, DeadLetter? source)
    {
        if (config.DeadLetterTopic is not { } topic)
        {
            throw new StreamsException(
                $"A record on which node '{error.Node}' failed was to go to the dead-letter topic, but StreamConfig.DeadLetterTopic is not set.", error.Error);
        }

        // What failed behind a cache or in a punctuation has no input record of its own.
        (source is not null && source.Record == error.Record ? source : DeadLetter.None).Send(context.Collector, topic, error);
    }

    private void Drop(TaskContext context, RecordError error, ErrorResponse response)
    {
        context.Drop(error switch
        {
            DeserializationError => DropReason.Unreadable,
            ProductionError => DropReason.Refused,
            _ => DropReason.Failed,
        });
        RecordDropped(error.Node, error.Task, error.Place, response, error.Error.Message);
    }

    [LoggerMessage(20, LogLevel.Warning, "Node '{Node}' of task {Task} failed {Place}; the handler said {Response}: {Reason}")]
    private partial void RecordDropped(string node, TaskId task, string place, ErrorResponse response, string reason);

    [LoggerMessage(21, LogLevel.Warning, "The record at offset {Offset} of {Partition} was skipped by source '{Node}' of task {Task}: its timestamp extractor said {Time}.")]
    private partial void RecordTimeless(long offset, TopicPartition partition, string node, TaskId task, long time);
}
