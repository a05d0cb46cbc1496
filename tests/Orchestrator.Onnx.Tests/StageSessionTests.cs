using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Onnx.Tests;

public sealed class StageSessionTests(LlamaFixture llama) : IClassFixture<LlamaFixture>
{
    public static TheoryData<AttentionStyle> Styles => [AttentionStyle.Standard, AttentionStyle.GroupQuery];

    [Theory, MemberData(nameof(Styles))]
    public async Task Prefill_and_decode_give_the_bits_of_a_direct_run(AttentionStyle style)
    {
        using var engine = await llama.Load(style);
        using var session = engine.Open(100);
        int[] tokens = llama.Tokens(20);
        using var direct = new DirectRun(llama, style);
        Logits(session, tokens[..12]).ShouldBe(direct.Run(tokens[..12]));
        for (int i = 12; i < tokens.Length; i++)
            Logits(session, tokens[i..(i + 1)]).ShouldBe(direct.Run(tokens[i..(i + 1)]));
        Logits(session, llama.Tokens(5, 2)).ShouldBe(direct.Run(llama.Tokens(5, 2)));
        session.Position.ShouldBe(25);
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task A_rewound_session_goes_on_like_a_fresh_one(AttentionStyle style)
    {
        using var engine = await llama.Load(style);
        using var fresh = engine.Open(64);
        using var rewound = engine.Open(64);
        int[] tokens = llama.Tokens(16);
        Logits(fresh, tokens[..7]);
        Logits(rewound, tokens[..7]);
        Logits(rewound, llama.Tokens(9, 3));
        Logits(rewound, llama.Tokens(1, 4));
        rewound.Rewind(7);
        rewound.Position.ShouldBe(7);
        Logits(rewound, tokens[7..8]).ShouldBe(Logits(fresh, tokens[7..8]));
        Logits(rewound, tokens[8..]).ShouldBe(Logits(fresh, tokens[8..]));
        rewound.Rewind(0);
        using var third = engine.Open(30);
        Logits(rewound, tokens[..7]).ShouldBe(Logits(third, tokens[..7]));
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task Interleaved_sessions_do_not_mix(AttentionStyle style)
    {
        using var engine = await llama.Load(style);
        var alone = new List<float[]>();
        for (int seed = 0; seed < 3; seed++)
        {
            using var session = engine.Open(40);
            foreach (int[] pass in Passes(seed))
                alone.Add(Logits(session, pass));
        }

        var sessions = Enumerable.Range(0, 3).Select(_ => engine.Open(40)).ToArray();
        for (int step = 0; step < 6; step++)
        {
            for (int seed = 0; seed < 3; seed++)
                Logits(sessions[seed], Passes(seed).ElementAt(step)).ShouldBe(alone[seed * 6 + step]);
        }

        foreach (var session in sessions)
            session.Dispose();
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task The_length_of_the_buffers_does_not_change_a_bit(AttentionStyle style)
    {
        using var engine = await llama.Load(style);
        using var small = engine.Open(12);
        using var large = engine.Open(160);
        int[] tokens = llama.Tokens(12);
        Logits(small, tokens[..11]).ShouldBe(Logits(large, tokens[..11]));
        Logits(small, tokens[11..]).ShouldBe(Logits(large, tokens[11..]));
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task A_pass_beyond_the_session_is_refused_and_changes_nothing(AttentionStyle style)
    {
        using var engine = await llama.Load(style);
        using var session = engine.Open(10);
        using var twin = engine.Open(10);
        Logits(session, llama.Tokens(8));
        Logits(twin, llama.Tokens(8));
        Should.Throw<InvalidDataException>(() => session.Run(llama.Tokens(3), 3, []));
        Should.Throw<InvalidDataException>(() => session.Run([], 0, []));
        Should.Throw<InvalidDataException>(() => session.Run(llama.Tokens(2), 1, []));
        Should.Throw<InvalidDataException>(() => session.Run([-1], 1, []));
        Should.Throw<InvalidDataException>(() => session.Run([llama.Config.Vocab], 1, []));
        Should.Throw<InvalidDataException>(() => session.Run([5], int.MaxValue, []));
        Should.Throw<InvalidDataException>(() => session.Run([5], 1, [new Tensor(ElementType.Float32, [1], new byte[4])]));
        session.Position.ShouldBe(8);
        Logits(session, [1, 2]).ShouldBe(Logits(twin, [1, 2]));
        Should.Throw<ArgumentOutOfRangeException>(() => engine.Open(161));
        Should.Throw<ArgumentOutOfRangeException>(() => engine.Open(0));
        Should.Throw<ArgumentOutOfRangeException>(() => session.Rewind(11));
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task A_session_outlives_its_engine(AttentionStyle style)
    {
        var engine = await llama.Load(style);
        using var session = engine.Open(16);
        engine.Dispose();
        engine.Dispose();
        Logits(session, [1, 2, 3]).Length.ShouldBe(3 * llama.Config.Vocab);
        Should.Throw<ObjectDisposedException>(() => engine.Open(16));
    }

    [Fact]
    public async Task Session_bytes_count_rounded_caches()
    {
        int perToken = 6 * llama.Config.KvHeads * llama.Config.HeadDim * 4;
        using var shared = await llama.Load(AttentionStyle.GroupQuery);
        using var growing = await llama.Load(AttentionStyle.Standard);
        shared.SessionBytes(65).ShouldBe(128 * perToken);
        shared.SessionBytes(150).ShouldBe(160 * perToken);
        growing.SessionBytes(1).ShouldBe(2 * 64 * perToken);
    }

    internal static float[] Logits(IStageSession session, int[] tokens)
    {
        var logits = session.Run(tokens, tokens.Length, []).ShouldHaveSingleItem();
        logits.Shape[1].ShouldBe(tokens.Length);
        return MemoryMarshal.Cast<byte, float>(logits.Bytes.Span).ToArray();
    }

    private IEnumerable<int[]> Passes(int seed) => [llama.Tokens(6 + seed, seed), .. llama.Tokens(5, seed + 100).Select(token => new[] { token })];

    /// <summary>The plainest use of the runtime: managed arrays in, outputs fed back, no binding, no shared buffers.</summary>
    private sealed class DirectRun : IDisposable
    {
        private readonly LlamaConfig config;
        private readonly InferenceSession session;
        private readonly Dictionary<string, (float[] Values, long[] Shape)> past = [];
        private int position;

        internal DirectRun(LlamaFixture llama, AttentionStyle style)
        {
            config = llama.Config;
            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, IntraOpNumThreads = 1 };
            session = new InferenceSession(llama.Path(style), options);
            foreach (string name in session.InputNames.Where(name => name.StartsWith("past", StringComparison.Ordinal)))
                past[name] = ([], [1, config.KvHeads, 0, config.HeadDim]);
        }

        internal float[] Run(int[] tokens)
        {
            var inputs = past.ToDictionary(pair => pair.Key, pair => OrtValue.CreateTensorValueFromMemory(pair.Value.Values, pair.Value.Shape));
            inputs["input_ids"] = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(tokens, token => (long)token), [1, tokens.Length]);
            inputs["attention_mask"] = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, position + tokens.Length).ToArray(), [1, position + tokens.Length]);
            if (session.InputNames.Contains("position_ids"))
                inputs["position_ids"] = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(position, tokens.Length).Select(p => (long)p).ToArray(), [1, tokens.Length]);
            using var options = new RunOptions();
            using var outputs = session.Run(options, inputs, session.OutputNames);
            foreach (string name in past.Keys)
            {
                var present = outputs[session.OutputNames.ToList().IndexOf(name.Replace("past_key_values", "present", StringComparison.Ordinal))];
                past[name] = (present.GetTensorDataAsSpan<float>().ToArray(), present.GetTensorTypeAndShape().Shape);
            }

            position += tokens.Length;
            foreach (var input in inputs.Values)
                input.Dispose();
            return outputs[session.OutputNames.ToList().IndexOf("logits")].GetTensorDataAsSpan<float>().ToArray();
        }

        public void Dispose() => session.Dispose();
    }
}
