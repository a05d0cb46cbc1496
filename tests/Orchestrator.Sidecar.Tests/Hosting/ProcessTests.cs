using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Hosting;

public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sidecar-process-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_process_says_its_ports_and_lets_another_add_and_remove_apps()
    {
        using var stop = new CancellationTokenSource();
        var ready = new Signal();
        var run = SidecarProcess.RunAsync(Options("""{ "componentsDirectory": "FOLDER", "dataDirectory": "FOLDER/data", "adminToken": "t", "apps": [ { "appId": "control" } ] }"""), ready, stop.Token);
        using var json = JsonDocument.Parse(await ready.Line.WaitAsync(Patience.Long, Cancel));
        json.RootElement.GetProperty("apps")[0].GetProperty("appId").GetString().ShouldBe("control");
        using var admin = new HttpClient { BaseAddress = new Uri(json.RootElement.GetProperty("admin").GetString()!) };
        (await admin.GetAsync("/admin/apps", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "t");

        var added = await admin.PutAsync("/admin/apps/node-1", Json("""{ "appId": "node-1" }"""), Cancel);
        added.StatusCode.ShouldBe(HttpStatusCode.OK, await added.Content.ReadAsStringAsync(Cancel));
        using var app = JsonDocument.Parse(await added.Content.ReadAsStringAsync(Cancel));
        using var http = new HttpClient { BaseAddress = new Uri(app.RootElement.GetProperty("httpEndpoint").GetString()!) };
        (await http.PostAsync("/v1.0/state/statestore", Json("""[{"key":"a","value":1}]"""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.GetStringAsync("/v1.0/state/statestore/a", Cancel)).ShouldBe("1");

        (await admin.PutAsync("/admin/apps/node-1", Json("""{ "appId": "other" }"""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.PutAsync("/admin/apps/x", Json("""{ "appId": "x", "httpPort": 99999 }"""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.PutAsync("/admin/faults", Json("""{ "unavailable": 1 }"""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.GetAsync("/v1.0/state/statestore/a", Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await admin.PutAsync("/admin/faults", Json("""{ "unavailable": 2 }"""), Cancel)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.DeleteAsync("/admin/apps/node-1", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.DeleteAsync("/admin/apps/node-1", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await stop.CancelAsync();
        (await run.WaitAsync(Patience.Long, Cancel)).ShouldBe(0);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "componentsDirectory": "/does/not/exist" }""")]
    [InlineData("""{ "componentsDirectory": "FOLDER", "typo": 1 }""")]
    [InlineData("""{ "componentsDirectory": "FOLDER", "apps": [ { "appId": "a b" } ] }""")]
    public async Task Wrong_options_end_the_process_with_one(string options) =>
        (await SidecarProcess.RunAsync(Options(options), new Signal(), Cancel)).ShouldBe(1);

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private string Options(string json)
    {
        File.WriteAllText(Path.Combine(_folder, "components.yaml"), Yaml.Default);
        var file = Path.Combine(_folder, "options.json");
        File.WriteAllText(file, json.Replace("FOLDER", _folder, StringComparison.Ordinal));
        return file;
    }

    /// <summary>Takes the first line written.</summary>
    private sealed class Signal : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value!);
            return Task.CompletedTask;
        }
    }
}
