using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Models and the blobs they are made of.</summary>
public sealed class ModelsFunctions(HttpFunctions http)
{
    /// <summary>Publishes a manifest, as the sharder wrote it, whose shards are in the blob store.</summary>
    [Function("publishModel")]
    public Task PublishModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("publishModel", request, client);

    /// <summary>A model and where its shards are.</summary>
    [Function("getModel")]
    public Task GetModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/models/{name}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getModel", request, client);

    /// <summary>Places a model's shards on nodes.</summary>
    [Function("placeModel")]
    public Task PlaceModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{name}/place")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("placeModel", request, client);

    /// <summary>Stores a blob under its SHA-256.</summary>
    [Function("putBlob")]
    public Task PutBlobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/blobs/{digest}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("putBlob", request, client);

    /// <summary>Reads a blob.</summary>
    [Function("getBlob")]
    public Task GetBlobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/blobs/{digest}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getBlob", request, client);
}
