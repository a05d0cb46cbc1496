using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>One chain's run on a <see cref="FakeNetwork"/>: draws a deterministic answer, streams it, signs receipts for all stages.</summary>
internal sealed class FakeSession(Assignment assignment, Script script, FakeNetwork network)
{
    private readonly Lock gate = new();
    private readonly List<StreamEvent> events = [];
    private readonly ITokenizer tokenizer = new ByteTokenizer(TokenizerSpec.ByteDefault);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Assignment Assignment => assignment;

    public Script Script => script;

    public CancellationTokenSource Cancelled { get; } = new();

    /// <summary>Ends when the session has: its result is published, or it was cancelled.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>Completes when the session has come to the pause of its script.</summary>
    public TaskCompletionSource Paused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Gone { get; private set; }

    /// <summary>What the honest answer to a prompt is.</summary>
    public static string AnswerTo(Prompt prompt, int choice, ulong seed)
    {
        string question = prompt.Text ?? prompt.Messages![^1].Content;
        return choice == 0 ? $"You said: {question}." : $"Choice {choice} of {seed % 97} says: {question}.";
    }

    /// <summary>Events from a sequence on, waiting for one; null when the session has vanished.</summary>
    public async Task<IReadOnlyList<StreamEvent>?> ReadAsync(long from, CancellationToken cancel)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (Gone)
                    return null;
                if (from < events.Count)
                    return [.. events.Skip((int)from)];
                wait = changed.Task;
            }

            await wait.WaitAsync(cancel);
        }
    }

    /// <summary>Runs to the end; the result to publish, or null when there is none.</summary>
    public async Task<ChainResult?> RunAsync()
    {
        var edge = assignment.Edge!;
        int[] prompt = tokenizer.Encode(edge.Prompt);
        if ((script.Failure ?? network.Refusal(assignment)) is { } failure)
            return Fail(prompt, failure);
        List<ChoiceResult> choices = [];
        for (int choice = 0; choice < assignment.Choices; choice++)
        {
            var drawn = await DrawAsync(choice, edge);
            if (drawn is null)
                return !Gone && network.Loss(assignment) is { } loss ? Fail(prompt, loss) : null;
            choices.Add(drawn);
        }

        return Result(prompt, choices, null);
    }

    private async Task<ChoiceResult?> DrawAsync(int choice, EdgeTask edge)
    {
        int[] answer = [.. Encoding.UTF8.GetBytes(AnswerTo(edge.Prompt, choice, assignment.Sampling.Seed)).Select(b => (int)b), tokenizer.EndToken];
        List<int> tokens = [];
        var text = new StringBuilder();
        var finish = FinishReason.Length;
        foreach (int honest in answer)
        {
            if (tokens.Count == edge.MaxCompletionTokens)
                break;
            if (script.Pause is { } pause && pause.Before == tokens.Count)
            {
                Paused.TrySetResult();
                await pause.Until.WaitAsync(Cancelled.Token);
            }

            Cancelled.Token.ThrowIfCancellationRequested();
            if (network.Loss(assignment) is { } loss)
            {
                // With the edge goes all that could tell of it.
                if (loss.Stage == 0)
                    Vanish();
                return null;
            }

            int token = script.Lie?.Invoke(honest) ?? honest;
            tokens.Add(token);
            if (token == tokenizer.EndToken)
            {
                finish = FinishReason.Stop;
                Add(choice, token, "");
                break;
            }

            string piece = Encoding.UTF8.GetString(tokenizer.Bytes(token).Span);
            // The fake only knows stop sequences of one character, so that it never has to hold text back.
            if (edge.Stop.Contains(piece))
            {
                finish = FinishReason.Stop;
                Add(choice, token, "");
                break;
            }

            text.Append(piece);
            Add(choice, token, script.LieInStreamOnly ? "#" : piece);
            if (script.DieAfter is { } limit && Count() >= limit)
            {
                Vanish();
                return null;
            }
        }

        lock (gate)
            events.Add(new StreamEvent(events.Count, choice, null, "", finish, null, choice == assignment.Choices - 1));
        Wake();
        return new ChoiceResult(tokens, text.ToString(), finish);
    }

    private void Add(int choice, int token, string text)
    {
        var top = Enumerable.Range(0, Math.Max(0, assignment.Sampling.TopLogProbs)).Select(i => new TokenLogProb(97 + i, -1f - i));
        lock (gate)
            events.Add(new StreamEvent(events.Count, choice, new TokenDraw(token, -0.5f, [.. top]), text, null, null, false));
        Wake();
    }

    private ChainResult Fail(int[] prompt, ChainFailure failure)
    {
        lock (gate)
            events.Add(new StreamEvent(events.Count, 0, null, "", null, failure, true));
        Wake();
        return Result(prompt, [], failure);
    }

    private int Count()
    {
        lock (gate)
            return events.Count;
    }

    public void Vanish()
    {
        lock (gate)
            Gone = true;
        Wake();
    }

    private void Wake()
    {
        TaskCompletionSource wake;
        lock (gate)
            (wake, changed) = (changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        wake.TrySetResult();
    }

    private ChainResult Result(int[] prompt, IReadOnlyList<ChoiceResult> choices, ChainFailure? failure) => new(
        ChainResult.CurrentSchema, assignment.Node, assignment.Job, assignment.Session, assignment.Chain, assignment.Attempt, prompt.Length, choices,
        failure is null ? Receipts(prompt, choices) : [],
        new ChainTiming(10, 20, 30), failure, assignment.Edge!.StreamTokenDigest);

    private List<SignedMessage> Receipts(int[] prompt, IReadOnlyList<ChoiceResult> choices)
    {
        var records = choices.Select(c => network.Stages.Run(prompt, c.Tokens, script.Falsifies)).ToList();
        List<SignedMessage> receipts = [];
        for (int stage = 0; stage < assignment.Hops.Count; stage++)
        {
            var hop = assignment.Hops[stage];
            for (int choice = 0; choice < choices.Count; choice++)
                network.Court.Keep(hop.Node, assignment.Session, stage, choice, records[choice][stage]);
            var receipt = new Receipt(
                Receipt.CurrentSchema, hop.Node, assignment.Job, assignment.Session, assignment.Manifest, stage, hop.Layers, network.Shard(stage),
                network.ClassOf(hop.Node), receipts is [.., var last] ? Digest.Of(last.Payload) : null, [.. records.Select(r => r[stage].Commitment)],
                prompt.Length, 100 + stage, DateTimeOffset.UtcNow);
            receipts.Add(MessageSigning.Seal(MessageTypes.Receipt, receipt, ContractsJson.Default.Receipt, network.Node(hop.Node).Key));
        }

        return receipts;
    }
}
