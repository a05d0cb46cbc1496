using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>The calls that OpenAI clients make.</summary>
public sealed class OpenAiFunctions(HttpFunctions http)
{
    /// <summary>Lists the models.</summary>
    [Function("listModels")]
    public Task ListModelsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/models")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listModels", request, client);

    /// <summary>One model.</summary>
    [Function("retrieveModel")]
    public Task RetrieveModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/models/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("retrieveModel", request, client);

    /// <summary>Answers a conversation, streaming or not.</summary>
    [Function("createChatCompletion")]
    public Task CreateChatCompletionAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/chat/completions")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("createChatCompletion", request, client);

    /// <summary>Continues a text, streaming or not.</summary>
    [Function("createCompletion")]
    public Task CreateCompletionAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/completions")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("createCompletion", request, client);
}
