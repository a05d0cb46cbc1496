using System.CommandLine;
using Orchestrator.Trainer.Export;

namespace Orchestrator.Trainer.Commands;

/// <summary>The option that chooses an <see cref="AttentionStyle"/>.</summary>
internal static class AttentionOption
{
    private const string Standard = "standard";
    private const string GroupQuery = "group-query";

    public static Option<string> Create() => new Option<string>("--attention")
    {
        DefaultValueFactory = _ => Standard,
        Description = "How attention is written: standard operators, or ONNX Runtime's GroupQueryAttention.",
    }.AcceptOnlyFromAmong(Standard, GroupQuery);

    public static AttentionStyle Parse(string? value) => value == GroupQuery ? AttentionStyle.GroupQuery : AttentionStyle.Standard;
}
