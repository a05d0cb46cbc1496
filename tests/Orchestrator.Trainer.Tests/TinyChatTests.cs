using System.Text;
using Orchestrator.Trainer.Corpus;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Tests;

/// <summary>The committed model, run in ONNX Runtime as any other runtime would run it.</summary>
public sealed class TinyChatTests
{
    private const int LongestAnswer = 120;
    private static readonly string File = Find();

    [Fact]
    public void It_answers_nine_of_ten_held_out_questions_exactly()
    {
        using var model = new OrtModel(System.IO.File.ReadAllBytes(File));
        var stream = new QuestionStream(seed: 4711, Split.HeldOut);
        Question[] questions = [.. QuestionStream.Kinds.SelectMany(kind => Enumerable.Range(0, 10).Select(_ => stream.Next(kind)))];

        var wrong = questions.Select(question => (question, said: Ask(model, new ChatEncoding().User(question.Text))))
            .Where(pair => pair.said != pair.question.Answer).ToArray();

        (1.0 - (double)wrong.Length / questions.Length).ShouldBeGreaterThanOrEqualTo(0.9,
            string.Join('\n', wrong.Select(pair => $"{pair.question.Text} -> {pair.said}, not {pair.question.Answer}")));
    }

    [Fact]
    public void The_one_pass_judgement_of_the_trainer_agrees_with_decoding_in_onnx_runtime()
    {
        var stream = new QuestionStream(seed: 815, Split.HeldOut);
        Question[] questions = [.. Enumerable.Range(0, 40).Select(_ => stream.Next())];
        // Wrong expectations must be judged wrong too.
        for (var i = 0; i < questions.Length; i += 4)
            questions[i] = questions[i] with { Answer = questions[i].Answer + "!" };
        using var model = new OrtModel(System.IO.File.ReadAllBytes(File));

        var decoded = questions.Select(question => Ask(model, new ChatEncoding().User(question.Text)) == question.Answer);

        Evaluation.Judge(LlamaOnnxReader.Read(File), questions).ShouldBe(decoded);
    }

    [Theory]
    [InlineData("What is the capital of France?", "The capital of France is Paris.")]
    [InlineData("How many minutes are in an hour?", "There are 60 minutes in an hour.")]
    [InlineData("What is 47 + 38?", "7+8=15, 4+3+1=8, so 85.")]
    public void It_keeps_its_head_after_a_system_text_and_an_earlier_turn(string question, string answer)
    {
        using var model = new OrtModel(System.IO.File.ReadAllBytes(File));

        Ask(model, new ChatEncoding().System("You are a helpful assistant.").User(question)).ShouldBe(answer);
        Ask(model, new ChatEncoding().User("Which is larger, 12 or 7?").Answer("12 is larger than 7.").User(question)).ShouldBe(answer);
    }

    [Fact]
    public void It_keeps_to_the_size_that_was_promised()
    {
        new FileInfo(File).Length.ShouldBeLessThanOrEqualTo(10_000_000);
        LlamaOnnxReader.Read(File).Config.ShouldBe(TinyChat.Config);
        LlamaOnnxReader.Read(File).Values.Length.ShouldBeInRange(1_000_000, 5_000_000);
    }

    private static string Ask(OrtModel model, ChatEncoding chat)
    {
        model.Reset();
        var logits = model.Run([.. chat.Tokens]);
        var said = new List<byte>();
        while (said.Count < LongestAnswer)
        {
            var token = Greedy.Pick(logits.AsSpan()[^ByteTokens.Count..]);
            if (token > byte.MaxValue)
                break;
            said.Add((byte)token);
            logits = model.Run(token);
        }
        return Encoding.UTF8.GetString([.. said]);
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "infra", "models", TinyChat.Name, "model.onnx");
            if (System.IO.File.Exists(file))
                return file;
        }
        throw new FileNotFoundException($"No infra/models/{TinyChat.Name}/model.onnx above {AppContext.BaseDirectory}.");
    }
}
