using System.ClientModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;
using Orchestrator.Cli;

namespace Orchestrator.Integration.Tests;

/// <summary>The published OpenAI clients, unmodified, against real processes.</summary>
[Collection(nameof(OneAtATime))]
public sealed class StockClientTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    private const string Question = "What is the capital of France?";

    [Fact]
    public async Task The_dotnet_client_gets_the_uncut_models_answer_streaming_and_not()
    {
        var chat = Client().GetChatClient(BundledModel.Name);
        string expected = fixture.Uncut.Answer(Question, 64).Text;
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 64 };

        ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage(Question)], options, TestContext.Current.CancellationToken);
        whole.Content[0].Text.ShouldBe(expected);
        whole.FinishReason.ShouldBe(ChatFinishReason.Stop);
        whole.Usage.TotalTokenCount.ShouldBe(whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount);

        string streamed = "";
        ChatFinishReason? finish = null;
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage(Question)], options, TestContext.Current.CancellationToken))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish ??= update.FinishReason;
        }

        streamed.ShouldBe(expected);
        finish.ShouldBe(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task The_dotnet_client_reads_errors()
    {
        var unknown = await Should.ThrowAsync<ClientResultException>(() =>
            Client().GetChatClient("no-such-model").CompleteChatAsync([new UserChatMessage(Question)], cancellationToken: TestContext.Current.CancellationToken));
        unknown.Status.ShouldBe(404);
        unknown.Message.ShouldContain("no-such-model");

        var stranger = await Should.ThrowAsync<ClientResultException>(() =>
            Client("sk-nobody").GetChatClient(BundledModel.Name).CompleteChatAsync([new UserChatMessage(Question)], cancellationToken: TestContext.Current.CancellationToken));
        stranger.Status.ShouldBe(401);
    }

    [Fact]
    public async Task Every_token_of_an_answer_can_be_traced_through_every_stage()
    {
        var request = new JsonObject
        {
            ["model"] = BundledModel.Name,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }),
            ["temperature"] = 0,
        };
        var answer = await fixture.Client.PostAsync("v1/chat/completions", request, TestContext.Current.CancellationToken);
        int drawn = answer["usage"]!["completion_tokens"]!.GetValue<int>();

        // A node tells of a session once it has ended there, and the answer is not held up for that.
        var trace = await NetworkFixture.UntilAsync(
            "a whole trace",
            cancel => fixture.Client.GetAsync($"api/jobs/{answer["orchestrator"]!["job"]}/trace", cancel),
            t => t["chains"]!.AsArray().All(chain => chain!["missing"]!.AsArray().Count == 0));

        var chains = trace["chains"]!.AsArray();
        chains.Count.ShouldBe(NetworkFixture.Chains);
        foreach (var chain in chains.Select(c => c!))
        {
            chain["missing"]!.AsArray().ShouldBeEmpty();
            chain["decode"]!["passes"]!.GetValue<int>().ShouldBe(drawn - 1, "the prompt's last pass draws the first token");
            chain["decode"]!["stages"]!.AsArray().Select(s => s!["compute"]!.GetValue<long>()).ShouldAllBe(us => us > 0);
            var passes = chain["passes"]!.AsArray().Select(p => p!).ToList();
            passes.Count(p => p["drew"]!.GetValue<bool>()).ShouldBe(drawn);
            passes.ShouldAllBe(p => p["stages"]!.AsArray().Count == NetworkFixture.Stages);
            passes.ShouldAllBe(p => p["trip"]!.GetValue<long>() > 0);
        }
    }

    [Fact]
    public async Task The_npm_client_sees_what_OpenAI_would_show_it()
    {
        var seen = await RunNpmClientAsync(TestContext.Current.CancellationToken);
        string expected = fixture.Uncut.Answer(Question, 64).Text;

        seen["models"]!.AsArray().Select(m => $"{m}").ShouldContain(BundledModel.Name);
        $"{seen["model"]}".ShouldBe(BundledModel.Name);
        var chat = seen["chat"]!;
        $"{chat["content"]}".ShouldBe(expected);
        $"{chat["finish"]}".ShouldBe("stop");
        chat["logprobs"]!.GetValue<int>().ShouldBeGreaterThan(0);
        chat["assurance"]!["chains_agreed"]!.GetValue<int>().ShouldBe(NetworkFixture.Chains);

        var stream = seen["stream"]!;
        $"{stream["content"]}".ShouldBe(expected);
        $"{stream["role"]}".ShouldBe("assistant");
        $"{stream["finish"]}".ShouldBe("stop");
        stream["usage"]!.ToJsonString().ShouldBe(chat["usage"]!.ToJsonString());
        stream["chunks"]!.GetValue<int>().ShouldBeGreaterThan(3);

        seen["many"]!.AsArray().Select(i => i!.GetValue<int>()).Order().ShouldBe([0, 1, 2]);
        var errors = seen["errors"]!;
        errors["key"]!["status"]!.GetValue<int>().ShouldBe(401);
        errors["model"]!["status"]!.GetValue<int>().ShouldBe(404);
        $"{errors["model"]!["code"]}".ShouldBe("model_not_found");
        errors["temperature"]!["status"]!.GetValue<int>().ShouldBe(400);
        $"{errors["temperature"]!["param"]}".ShouldBe("temperature");
        $"{errors["context"]!["code"]}".ShouldBe("context_length_exceeded");
    }

    private OpenAIClient Client(string? key = null) => new(
        new ApiKeyCredential(key ?? File.ReadAllText(fixture.Network.ApiKeyFile).Trim()),
        new OpenAIClientOptions { Endpoint = new Uri(fixture.Network.Endpoint, "v1") });

    private async Task<JsonNode> RunNpmClientAsync(CancellationToken cancel)
    {
        var info = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { Path.Combine(SourceTree.Clients, "stock-client.mjs"), new Uri(fixture.Network.Endpoint, "v1").ToString(), fixture.Network.ApiKeyFile, BundledModel.Name })
            info.ArgumentList.Add(argument);
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        process.ExitCode.ShouldBe(0, await errors);
        return JsonNode.Parse(await output)!;
    }
}
