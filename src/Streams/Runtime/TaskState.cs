namespace Streams.Runtime;

/// <summary>A task's life. Moves follow Kafka Streams' <c>Task.State</c>.</summary>
/// <remarks>
/// <code>
/// Created ──► Restoring ──► Running
///    │          │   ▲          │
///    └──────────┴─► Suspended ◄┘ ──► Closed
/// </code>
/// </remarks>
internal enum TaskState
{
    Created,
    Restoring,
    Running,
    Suspended,
    Closed,
}

internal static class TaskStateMoves
{
    extension(TaskState from)
    {
        public bool CanBecome(TaskState to) => (from, to) switch
        {
            (TaskState.Created, TaskState.Restoring or TaskState.Suspended) => true,
            (TaskState.Restoring, TaskState.Running or TaskState.Suspended) => true,
            (TaskState.Running, TaskState.Suspended) => true,
            (TaskState.Suspended, TaskState.Restoring or TaskState.Closed) => true,
            _ => false,
        };
    }
}
