namespace Streams.Processing;

/// <summary>Hosts a user's processor.</summary>
internal sealed class ProcessorNode<TKeyIn, TValueIn, TKeyOut, TValueOut>(
    string name,
    Processor<TKeyIn, TValueIn, TKeyOut, TValueOut> processor,
    IReadOnlySet<string> stores)
    : Node<TKeyIn, TValueIn, TKeyOut, TValueOut>(name), IForwarder<TKeyOut, TValueOut>
{
    public override void Process(in Record<TKeyIn, TValueIn> record)
    {
        Context.Timestamp = record.Timestamp;
        Context.Headers = record.HeadersOrNull;
        try
        {
            processor.Process(in record);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
        }
    }

    public void Forward(in Record<TKeyOut, TValueOut> record)
    {
        ThrowIfTimeless(in record);
        Next.Process(in record);
    }

    public void Forward(in Record<TKeyOut, TValueOut> record, string child)
    {
        ThrowIfTimeless(in record);
        foreach (var node in Children)
        {
            if (node.Name == child)
            {
                node.Process(in record);
                return;
            }
        }

        throw new StreamsException($"Processor '{Name}' has no child '{child}' to forward to.");
    }

    public override void Close()
    {
        try
        {
            processor.Close();
        }
        catch (Exception error) when (error is not StreamsException)
        {
            throw new StreamsException($"Processor '{Name}' of task {Context.Task} failed while closing: {error.Message}", error);
        }
    }

    protected override void OnInit()
    {
        try
        {
            processor.Open(new ProcessorContext<TKeyOut, TValueOut>(Context, this, stores));
        }
        catch (Exception error) when (error is not StreamsException)
        {
            throw new StreamsException($"Processor '{Name}' of task {Context.Task} failed in Init: {error.Message}", error);
        }
    }

    // Here a record of the user's making joins those of the engine, which have times that their sources vouch for.
    private void ThrowIfTimeless(in Record<TKeyOut, TValueOut> record)
    {
        if (record.Timestamp < 0)
            throw new StreamsException($"Processor '{Name}' cannot forward a record with timestamp {record.Timestamp}: Kafka takes none below 0.");
    }
}
