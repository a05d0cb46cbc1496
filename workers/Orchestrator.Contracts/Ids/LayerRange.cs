namespace Orchestrator.Contracts;

/// <summary>A half-open block of layers <c>[Start, End)</c>, 0-based.</summary>
public readonly record struct LayerRange(int Start, int End)
{
    /// <summary>Number of layers.</summary>
    public int Count => End - Start;

    /// <inheritdoc />
    public override string ToString() => $"[{Start},{End})";
}
