namespace Orchestrator.Sharder.Model;

/// <summary>What a model may have at most; far above any real model, low enough that hostile files end quickly.</summary>
internal static class ModelLimits
{
    public const int Nodes = 200_000;
    public const int Initializers = 200_000;
    public const int NodeValues = 4_096;
    public const int SubgraphDepth = 8;
    public const int NameLength = 512;
    public const int Rank = 8;
    public const int Inputs = 10_000;

    /// <summary>Most bytes of one protobuf file, less room for what the sharder adds.</summary>
    public const long FileBytes = int.MaxValue - (64L << 20);
}
