namespace Orchestrator.Contracts;

/// <summary>What the edge tokenizes: either plain text or a conversation, never both.</summary>
/// <param name="Text">Text to continue.</param>
/// <param name="Messages">Conversation to answer.</param>
public sealed record Prompt(string? Text, IReadOnlyList<ChatMessage>? Messages);

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system, user</c> or <c>assistant</c>.</param>
/// <param name="Content">Text of the turn.</param>
public sealed record ChatMessage(string Role, string Content);
