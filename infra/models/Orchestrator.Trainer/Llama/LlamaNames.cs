namespace Orchestrator.Trainer.Llama;

/// <summary>Names of the tensors, as the common exports of this architecture call them.</summary>
public static class LlamaNames
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";
    public const string AttentionNorm = "input_layernorm.weight";
    public const string Query = "self_attn.q_proj.weight";
    public const string Key = "self_attn.k_proj.weight";
    public const string Value = "self_attn.v_proj.weight";
    public const string Output = "self_attn.o_proj.weight";
    public const string FfnNorm = "post_attention_layernorm.weight";
    public const string Gate = "mlp.gate_proj.weight";
    public const string Up = "mlp.up_proj.weight";
    public const string Down = "mlp.down_proj.weight";

    /// <summary>The full name of a layer's tensor.</summary>
    public static string Of(int layer, string part) => $"model.layers.{layer}.{part}";
}
