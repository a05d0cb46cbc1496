using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>The platform of one worker process, without a sidecar between them.</summary>
internal sealed class ProcessPlatform : IAsyncDisposable
{
    private readonly SigningKey key = SigningKey.FromSeed([.. Enumerable.Repeat((byte)7, 32)]);
    private readonly HttpClient http = new();

    public string PublicKey => Convert.ToHexStringLower(key.PublicKey);

    public int Port { get; set; }

    /// <summary>Signs a message and delivers it; the worker must take it.</summary>
    public async Task SendAsync<T>(string type, T message, JsonTypeInfo<T> json)
    {
        string signed = JsonSerializer.Serialize(MessageSigning.Seal(type, message, json, key), ContractsJson.Default.SignedMessage);
        string cloudEvent = $$"""{"specversion":"1.0","id":"{{Guid.NewGuid()}}","datacontenttype":"application/json","data":{{signed}}}""";
        using var content = new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json");
        using var response = await http.PostAsync($"http://127.0.0.1:{Port}/work", content);
        (await response.Content.ReadAsStringAsync()).ShouldContain("SUCCESS");
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        key.Dispose();
        return ValueTask.CompletedTask;
    }
}
