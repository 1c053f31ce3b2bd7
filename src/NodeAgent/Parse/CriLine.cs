namespace NodeAgent.Parse;

/// <summary>A line as container runtimes write it: <c>2026-01-31T14:05:09.669794202Z stdout F message</c>.</summary>
/// <remarks>
/// A time, the stream, tags with colons between them, the message. The first tag is F for a line that ends here and P for one that the
/// runtime has cut, at 16 KiB as a rule: it goes on in the next line of the same stream. Source: Kubernetes' log format of the Container Runtime Interface.
/// </remarks>
internal readonly ref struct CriLine
{
    private static ReadOnlySpan<byte> Output => "stdout "u8;

    private static ReadOnlySpan<byte> Errors => "stderr "u8;

    /// <summary>What the container wrote.</summary>
    public ReadOnlySpan<byte> Message { get; private init; }

    /// <summary>Whether it wrote to standard error; else to standard output.</summary>
    public bool IsError { get; private init; }

    /// <summary>Whether the message goes on in the next line of the same stream.</summary>
    public bool IsPartial { get; private init; }

    /// <summary>Reads <paramref name="line"/>; false where it has another form. Its time is <see cref="LeadingTime"/>'s to read.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out CriLine read)
    {
        read = default;
        var time = line.IndexOf((byte)' ');
        if (time < 20 || line[4] != '-' || line[10] != 'T')
            return false;

        var rest = line[(time + 1)..];
        var isError = rest.StartsWith(Errors);
        if (!isError && !rest.StartsWith(Output))
            return false;

        rest = rest[Output.Length..];
        var tags = rest.IndexOf((byte)' ');
        var first = tags < 0 ? rest : rest[..tags];
        if (first is not ([(byte)'F' or (byte)'P'] or [(byte)'F' or (byte)'P', (byte)':', ..]))
            return false;

        read = new CriLine { Message = tags < 0 ? default : rest[(tags + 1)..], IsError = isError, IsPartial = first[0] == 'P' };
        return true;
    }
}
