namespace Orchestrator.Benchmarks.Commitment;

/// <summary>What is run with and without commitments.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Stages">Stages it is cut into.</param>
/// <param name="Rounds">Pairs of runs.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens to draw.</param>
/// <param name="Json">Where the figures go as JSON; null for nowhere.</param>
internal sealed record CommitmentWork(string Model, int Stages, int Rounds, int PromptTokens, int CompletionTokens, FileInfo? Json);
