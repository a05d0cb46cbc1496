namespace Orchestrator.Durable.Engine;

static class OptionsCheck
{
    /// <exception cref="ArgumentException">Lists everything that is wrong.</exception>
    public static void Validate(DurableEngineOptions options)
    {
        var errors = new List<string>();
        Require(options.JournalPath.Length > 0, "JournalPath is empty; name a file, for example 'data/workflows.db'.");
        Require(
            options.JournalPath.Length == 0 || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(options.JournalPath))),
            $"The folder of JournalPath '{options.JournalPath}' does not exist; create it.");
        Require(options.PollInterval > TimeSpan.Zero, "PollInterval must be positive.");
        Require(options.MaxConcurrentActivities > 0, "MaxConcurrentActivities must be at least 1.");
        Require(options.MaxMessagesPerTurn > 0, "MaxMessagesPerTurn must be at least 1.");
        Require(options.MaxCachedInstances > 0, "MaxCachedInstances must be at least 1.");
        Require(options.MaxHistoryEvents > 1, "MaxHistoryEvents must be at least 2.");
        Require(options.MaxPayloadChars > 1, "MaxPayloadChars must be at least 2.");
        if (errors.Count > 0)
        {
            throw new ArgumentException("Durable engine options: " + string.Join(" ", errors));
        }

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }
}
