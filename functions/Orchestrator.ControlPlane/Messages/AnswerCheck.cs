using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Checks what an edge makes of the tokens it was given: receipts commit to tokens only, so that its text and the reason why it ended would otherwise stand on its word alone. Pure.
/// </summary>
public static class AnswerCheck
{
    /// <summary>Why an answer is not what its tokens and the job make it; null when it is.</summary>
    public static string? Problem(ChainResult result, ITokenizer tokenizer, IReadOnlyList<string> stop, bool ignoreEnd, int maxCompletionTokens)
    {
        if (result.Failure is not null)
            return null;
        for (int choice = 0; choice < result.Choices.Count; choice++)
        {
            if (Problem(result.Choices[choice], tokenizer, stop, ignoreEnd, maxCompletionTokens) is { } problem)
                return $"Choice {choice}: {problem}";
        }

        return null;
    }

    private static string? Problem(ChoiceResult choice, ITokenizer tokenizer, IReadOnlyList<string> stop, bool ignoreEnd, int maxCompletionTokens)
    {
        var text = new AnswerText(tokenizer, stop);
        bool ended = false;
        foreach (int token in choice.Tokens)
        {
            if (ended || text.Stopped)
                return "it goes on after its end.";
            if (token < 0 || token >= tokenizer.VocabularySize)
                return $"{token} is no token of the model.";
            text.Append(token);
            ended = token == tokenizer.EndToken && !ignoreEnd;
        }

        text.Finish();
        if (choice.Text != text.Released)
            return "its text is not what its tokens say.";
        FinishReason? reason = ended || text.Stopped ? FinishReason.Stop : choice.Tokens.Count == maxCompletionTokens ? FinishReason.Length : null;
        return reason == choice.FinishReason ? null : $"it ends after {choice.Tokens.Count} of {maxCompletionTokens} tokens for the reason '{choice.FinishReason}', which is not so.";
    }
}
