using System.Text.Json;
using Orchestrator.Actors.Host;

WebApplication app;
try
{
    if (args is not ([] or ["--config", _]))
        throw new InvalidOperationException("usage: Orchestrator.Actors.Host [--config FILE]; everything else is configuration, e.g. Actors__Port");
    app = ActorsHost.Build(configuration =>
    {
        if (args is [_, var file])
            configuration.AddJsonFile(Path.GetFullPath(file), optional: false);
        configuration.AddEnvironmentVariables();
    });
    await app.StartAsync();
}
catch (Exception e) when (e is InvalidOperationException or IOException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

await using (app)
{
    if (app.Services.GetRequiredService<ActorsOptions>().StopWhenInputCloses)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { ready = true, addresses = app.Urls }));
        _ = Task.Run(async () =>
        {
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(Stream.Null);
            app.Lifetime.StopApplication();
        });
    }

    await app.WaitForShutdownAsync();
}

return 0;
