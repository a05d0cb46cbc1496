using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Parties;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Traces;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Disputes;

namespace Orchestrator.Benchmarks.Verify;

/// <summary>One dispute about a stage of a recorded job, played to the end in this process.</summary>
/// <param name="Steps">Steps of the trace.</param>
/// <param name="Rounds">Rounds of states.</param>
/// <param name="Messages">Answers of both parties, evidence included.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="EvidenceBytes">Of that what the referee read.</param>
/// <param name="Replay">Time one party took for its trace.</param>
/// <param name="Judging">All that the referee did: read the shard, check the evidence, load and run the operator.</param>
/// <param name="Operator">Of that, loading and running the operator.</param>
/// <param name="Right">Whether the liar lost at the very step it lied in.</param>
internal sealed record Court(
    long Steps, int Rounds, int Messages, long Bytes, long EvidenceBytes, TimeSpan Replay, TimeSpan Judging, TimeSpan Operator, bool Right)
{
    /// <summary>The class of this machine's processor.</summary>
    internal static ExecutionClass Class { get; } = new OnnxStageLoader(new OnnxOptions(ProviderPreference.Cpu)).Class;

    /// <summary>The defender altered a random operator in a random pass; the challenger is honest.</summary>
    internal static Court Play(ModelManifest model, string shardPath, int stage, RecordedJob job, Random random)
    {
        int position = random.Next(job.PromptTokens, job.Tokens);
        var chunk = ChunkPlan.All(job.PromptTokens, job.Tokens).Last(c => c.Start <= position);
        var chunks = ChunkPlan.All(job.PromptTokens, job.Tokens).Take(chunk.Index + 1).ToArray();
        int[] through = [.. chunks.Select((_, i) => chunks.Take(i + 1).Sum(c => c.Passes))];
        var inputs = new InputFilePasses(() => new MemoryStream(job.Inputs[stage]), model.Stages[stage], job.PromptTokens, job.Tokens);
        using SigningKey challenger = Some.Key(1), defender = Some.Key(2);
        var runtime = new TimedRuntime(new OnnxModelRuntime());
        using var honest = new StageTrace(TracedShard.Load(runtime, shardPath, model, stage), inputs, through[^1]);
        int index = random.Next(honest.Layout.Operators.Count);
        using var lying = new StageTrace(new AlteredShard(TracedShard.Load(runtime, shardPath, model, stage), position, index), inputs, through[^1]);
        var began = ProcessorTime.Now;
        honest.Complete();
        var replay = ProcessorTime.Since(began);
        lying.Complete();

        var right = job.Chunks[stage].Take(chunks.Length).Select(c => c.Output).ToArray();
        var dispute = DisputeId.Derive(Some.Session(), stage, 0, challenger.Node);
        var now = DateTimeOffset.UnixEpoch;
        var opening = new DisputeOpening(dispute, Some.Session(), 0, challenger.Node, [new(stage, defender.Node, [.. through], [new(chunk.Index, right[^1])])]);
        var game = DisputeGame.Open(opening, DisputeRules.Default, now).Commit(stage, [.. right[..^1], Some.Digest(9)], now).Game;
        var parties = new Dictionary<Party, (TraceParty Answers, SigningKey Key)>
        {
            [Party.Challenger] = (new(honest, Class, challenger, TimeProvider.System), challenger),
            [Party.Defender] = (new(lying, Class, defender, TimeProvider.System), defender),
        };
        int rounds = 0, messages = 0;
        long bytes = 0;
        TimeSpan judging = default, alone = default;
        byte[] evidence = [];
        SignedMessage Say(Party side, TraceQuestion question, IReadOnlyList<long> steps)
        {
            var query = new TraceQuery(1, parties[side].Key.Node, dispute, Some.Session(), Some.Digest(), stage, 0, job.PromptTokens, job.Tokens, chunk.Index, null, 0, question, steps, now);
            var message = parties[side].Answers.Say(query);
            (messages, bytes) = (messages + 1, bytes + message.Payload.Length);
            return message;
        }

        while (!game.Over)
        {
            rounds += game.Phase == DisputePhase.States ? 1 : 0;
            if (game.Phase == DisputePhase.Referee)
            {
                var task = new RefereeTask(
                    1, Some.Node(3), dispute, game.Attempt, Some.Digest(), stage, job.PromptTokens, job.Tokens, chunk.Index, game.AskedOfReferee!.Value, game.Step ?? game.High, game.Agreed,
                    game.Defender.Leaf, game.Challenger.Leaf, Some.Digest(), evidence.Length, null, 0, null, Class, now);
                TimeSpan before = runtime.Spent;
                began = ProcessorTime.Now;
                var judgement = new Referee(new RefereeRun(runtime, shardPath, model, stage), new DrawReplay()).Judge(task, evidence, inputs);
                (judging, alone) = (ProcessorTime.Since(began), runtime.Spent - before);
                game = game.Judge(task.Attempt, task.Question, judgement.Outcome, judgement.StepsPerPass, judgement.Reason, now).Game;
                continue;
            }

            foreach (var side in game.Awaited)
            {
                if (game.Phase is DisputePhase.Sizes or DisputePhase.States)
                {
                    MessageSigning.TryOpen(Say(side, TraceQuestion.States, game.Asked), MessageTypes.TraceStates, ContractsJson.Default.TraceStates, out var states, out _);
                    game = game.Answer(side, states, now).Game;
                }
                else if (game.Phase == DisputePhase.Leaf)
                {
                    MessageSigning.TryOpen(Say(side, TraceQuestion.Leaf, [game.Step!.Value]), MessageTypes.TraceLeaf, ContractsJson.Default.TraceLeaf, out var leaf, out _);
                    var after = (side == Party.Challenger ? game.Challenger : game.Defender).States[leaf.Step + 1];
                    game = game.Open(side, leaf.Step, TraceHash.Leaf(leaf.Outputs), TraceCheck.Fits(leaf, game.Agreed, after), now).Game;
                }
                else if (game.Phase == DisputePhase.Evidence)
                {
                    using var file = new MemoryStream();
                    TraceEvidenceFile.Write(file, EvidenceBuilder.StepInputs(honest, (int)game.Step!.Value));
                    evidence = file.ToArray();
                    (messages, bytes) = (messages + 1, bytes + evidence.Length);
                    game = game.Supply(side, Digest.Of(evidence), now).Game;
                }
            }
        }

        long lied = (through[^1] - chunk.Passes + (position - chunk.Start)) * (long)honest.Layout.StepsPerPass + 1 + index;
        return new(honest.Steps, rounds, messages, bytes, evidence.Length, replay, judging, alone, game.Verdict is { Outcome: DisputeOutcome.Overturned } verdict && verdict.Step == lied);
    }

    /// <summary>Adds up the time inside the runtime.</summary>
    private sealed class TimedRuntime(IModelRuntime runtime) : IModelRuntime
    {
        public TimeSpan Spent { get; private set; }

        public void Optimize(string modelPath, string optimizedPath) => throw new NotSupportedException("Disputes optimize nothing.");

        public IModelSession Load(string modelPath) => new Session(this, Timed(() => runtime.Load(modelPath)));

        private T Timed<T>(Func<T> action)
        {
            var began = ProcessorTime.Now;
            try
            {
                return action();
            }
            finally
            {
                Spent += ProcessorTime.Since(began);
            }
        }

        private sealed class Session(TimedRuntime timed, IModelSession session) : IModelSession
        {
            public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs) => timed.Timed(() => session.Run(inputs, outputs));

            public void Dispose() => session.Dispose();
        }
    }
}
