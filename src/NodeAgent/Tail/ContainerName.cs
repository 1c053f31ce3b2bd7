namespace NodeAgent.Tail;

/// <summary>A container as the path of its log names it; the API server need not be asked.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Container">The container in it.</param>
internal sealed record ContainerName(string Namespace, string Pod, string Container)
{
    /// <summary>
    /// Reads <c>…/containers/POD_NAMESPACE_CONTAINER-ID.log</c>, the kubelet's links, and <c>…/NAMESPACE_POD_UID/CONTAINER/0.log</c>, the files
    /// that these lead to. Null for any other path. None of the names can hold an underscore.
    /// </summary>
    public static ContainerName? Of(string path)
    {
        if (Path.GetFileNameWithoutExtension(path).Split('_') is [var pod, var space, var named] && named.LastIndexOf('-') is > 0 and var id)
            return new(space, pod, named[..id]);

        var folder = Path.GetDirectoryName(path);
        return Path.GetFileName(Path.GetDirectoryName(folder))?.Split('_') is [var inSpace, var ofPod, _] && Path.GetFileName(folder) is { Length: > 0 } container
            ? new(inSpace, ofPod, container)
            : null;
    }
}
