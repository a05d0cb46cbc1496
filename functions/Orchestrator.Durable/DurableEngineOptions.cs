using System.Text.Json;

namespace Orchestrator.Durable;

/// <summary>How the embedded engine runs.</summary>
public sealed class DurableEngineOptions
{
    /// <summary>The SQLite file; its folder must exist. <c>-wal</c>, <c>-shm</c> and <c>.lock</c> files appear beside it. Required.</summary>
    public string JournalPath { get; set; } = "";

    /// <summary>
    /// How often to look for messages that other processes wrote, and for the owner's lock while on standby. Default 1 s: work inside the
    /// process is signalled, so this only bounds the delay between processes and the cost of idling.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Activities running at once. Default 64: they mostly wait on I/O.</summary>
    public int MaxConcurrentActivities { get; set; } = 64;

    /// <summary>Messages one turn takes in. Default 64: bounds the size of a commit.</summary>
    public int MaxMessagesPerTurn { get; set; } = 64;

    /// <summary>Instances kept in memory between turns. Default 1,000; the least recently used are dropped and replayed when needed.</summary>
    public int MaxCachedInstances { get; set; } = 1_000;

    /// <summary>Messages and actions one execution may record before it fails. Default 10,000: replay time grows with it.</summary>
    public int MaxHistoryEvents { get; set; } = 10_000;

    /// <summary>Characters of JSON one input, output, event or status may have. Default 256 Ki: larger things travel by reference.</summary>
    public int MaxPayloadChars { get; set; } = 256 * 1024;

    /// <summary>Takes one message per turn and forgets the instance after it, so that every turn replays from disk. For tests.</summary>
    public bool EvictAfterEveryEvent { get; set; }

    /// <summary>How payloads become JSON. Web defaults.</summary>
    public JsonSerializerOptions Json { get; set; } = new(JsonSerializerDefaults.Web);
}
