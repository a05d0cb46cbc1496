namespace Orchestrator.Trainer.Export;

/// <summary>How attention is written into the graph.</summary>
public enum AttentionStyle
{
    /// <summary>Standard ONNX operators only; runs anywhere; keys and values grow by concatenation.</summary>
    Standard,

    /// <summary>ONNX Runtime's <c>GroupQueryAttention</c>, whose past and present may share one buffer.</summary>
    GroupQuery,
}
