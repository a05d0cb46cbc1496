using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using Orchestrator.ControlPlane.Tests.Kit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>The stock NuGet client, unmodified.</summary>
public sealed class OpenAiClientTests(OpenAiClientTests.Patient shared) : IClassFixture<OpenAiClientTests.Patient>
{
    private Platform Platform => shared.Platform;

    [Fact]
    public async Task A_chat_completes()
    {
        var answer = await Chat().CompleteChatAsync([new UserChatMessage("hello")], cancellationToken: TestContext.Current.CancellationToken);

        answer.Value.Content[0].Text.ShouldBe("You said: hello.");
        answer.Value.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Value.Usage.InputTokenCount.ShouldBe(8);
        answer.Value.Usage.OutputTokenCount.ShouldBe("You said: hello.".Length + 1);
    }

    [Fact]
    public async Task A_chat_streams()
    {
        string text = "";
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync([new UserChatMessage("hello")], cancellationToken: TestContext.Current.CancellationToken))
        {
            text += string.Concat(update.ContentUpdate.Select(c => c.Text));
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }

        text.ShouldBe("You said: hello.");
        finish.ShouldBe(ChatFinishReason.Stop);
        usage!.OutputTokenCount.ShouldBe("You said: hello.".Length + 1);
    }

    [Fact]
    public async Task Log_probabilities_cover_exactly_the_text()
    {
        var options = new ChatCompletionOptions { IncludeLogProbabilities = true, TopLogProbabilityCount = 2 };

        var answer = await Chat().CompleteChatAsync([new UserChatMessage("hi")], options, TestContext.Current.CancellationToken);

        string.Concat(answer.Value.ContentTokenLogProbabilities.Select(t => t.Token)).ShouldBe("You said: hi.");
        answer.Value.ContentTokenLogProbabilities.ShouldAllBe(t => t.TopLogProbabilities.Count == 2 && t.LogProbability == -0.5f);
    }

    [Fact]
    public async Task A_token_limit_ends_with_length()
    {
        var answer = await Chat().CompleteChatAsync(
            [new UserChatMessage("hello")], new ChatCompletionOptions { MaxOutputTokenCount = 5 }, TestContext.Current.CancellationToken);

        answer.Value.FinishReason.ShouldBe(ChatFinishReason.Length);
        answer.Value.Content[0].Text.ShouldBe("You s");
    }

    [Fact]
    public async Task A_stop_sequence_ends_before_itself()
    {
        var options = new ChatCompletionOptions { StopSequences = { ":" } };

        var answer = await Chat().CompleteChatAsync([new UserChatMessage("hello")], options, TestContext.Current.CancellationToken);

        answer.Value.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Value.Content[0].Text.ShouldBe("You said");
    }

    [Fact]
    public async Task A_seed_reaches_the_nodes()
    {
#pragma warning disable OPENAI001
        var options = new ChatCompletionOptions { Seed = 12345, Temperature = 0.25f, TopP = 0.5f };
#pragma warning restore OPENAI001

        await Chat().CompleteChatAsync([new UserChatMessage("seeded")], options, TestContext.Current.CancellationToken);

        var assignment = await Platform.Network.Assignments.FirstAsync(a => a.Edge?.Prompt.Messages?[0].Content == "seeded", "the seeded assignment", TestContext.Current.CancellationToken);
        assignment.Sampling.Seed.ShouldBe(12345UL);
        assignment.Sampling.Temperature.ShouldBe(0.25);
        assignment.Sampling.TopP.ShouldBe(0.5);
    }

    [Fact]
    public async Task An_unknown_key_is_401_with_its_message()
    {
        var error = await Should.ThrowAsync<ClientResultException>(() => Chat("wrong").CompleteChatAsync([new UserChatMessage("x")], cancellationToken: TestContext.Current.CancellationToken));

        error.Status.ShouldBe(401);
        error.Message.ShouldContain("Incorrect API key");
    }

    [Fact]
    public async Task An_unknown_model_is_404_with_its_message()
    {
        var chat = Client(Kit.Platform.UserKey).GetChatClient("no-such-model");

        var error = await Should.ThrowAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage("x")], cancellationToken: TestContext.Current.CancellationToken));

        error.Status.ShouldBe(404);
        error.Message.ShouldContain("no-such-model");
    }

    [Fact]
    public async Task A_prompt_too_long_is_400_with_its_message()
    {
        var error = await Should.ThrowAsync<ClientResultException>(() => Chat().CompleteChatAsync([new UserChatMessage(new string('x', 600))], cancellationToken: TestContext.Current.CancellationToken));

        error.Status.ShouldBe(400);
        error.Message.ShouldContain("maximum context length is 512 tokens");
    }

    [Fact]
    public async Task An_account_without_money_is_429_with_its_message()
    {
        var error = await Should.ThrowAsync<ClientResultException>(() => Chat(Kit.Platform.PoorKey, retries: 0).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: TestContext.Current.CancellationToken));

        error.Status.ShouldBe(429);
        error.Message.ShouldContain("micro-credits");
    }

    [Fact]
    public async Task Models_are_listed_and_found()
    {
        var models = Client(Kit.Platform.UserKey).GetOpenAIModelClient();

        (await models.GetModelsAsync(TestContext.Current.CancellationToken)).Value.ShouldContain(m => m.Id == Platform.Model.Manifest.Name);
        (await models.GetModelAsync(Platform.Model.Manifest.Name, TestContext.Current.CancellationToken)).Value.OwnedBy.ShouldBe("orchestrator");
    }

    /// <summary>A platform for all of them that gives up no stream: only streams carry log probabilities, an answer that comes without one has none.</summary>
    public sealed class Patient : IAsyncLifetime
    {
        public Platform Platform { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Platform = await Platform.StartAsync(configure: o => o with { StreamStartTimeout = TimeSpan.FromSeconds(30) });

        public ValueTask DisposeAsync() => Platform is null ? ValueTask.CompletedTask : Platform.DisposeAsync();
    }

    private ChatClient Chat(string key = Kit.Platform.UserKey, int retries = 3) => Client(key, retries).GetChatClient(Platform.Model.Manifest.Name);

    private OpenAIClient Client(string key, int retries = 3) => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Platform.Address, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(retries) });
}
