using Orchestrator.Contracts;

namespace Orchestrator.Sharder;

/// <summary>How a model is cut.</summary>
public sealed record ShardingOptions
{
    /// <summary>Name clients use for the model: <c>[a-z0-9][a-z0-9._-]{0,63}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Number of stages, 1 to the model's layers.</summary>
    public required int Stages { get; init; }

    /// <summary>Where shards and manifest are written; made when missing, files of the same names are replaced.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Most tokens of a session. Default: the model's metadata <c>orchestrator.context_length</c>; may not pass it.</summary>
    public int? ContextLength { get; init; }

    /// <summary>How text becomes tokens. Default: by the model's metadata <c>orchestrator.tokenizer</c>.</summary>
    public TokenizerSpec? Tokenizer { get; init; }

    /// <summary>Whether to run whole model and chain side by side afterwards and refuse any difference. Default: yes.</summary>
    public bool Verify { get; init; } = true;
}
