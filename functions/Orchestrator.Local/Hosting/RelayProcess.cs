using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Orchestrator.Contracts;
using Orchestrator.Relay.Server;

namespace Orchestrator.Local;

/// <summary>A relay as one process, open to every key: the network is this machine's own. Prints one ready line; stops when standard input closes.</summary>
public static class RelayProcess
{
    /// <summary>Runs until it is stopped.</summary>
    /// <param name="configFile">JSON: <c>Port</c>, <c>CertificateFile</c> and <c>Platform</c>, the platform's identity.</param>
    public static async Task<int> RunAsync(string configFile)
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(configFile, optional: false).Build();
        using var certificate = RelayCertificate.LoadOrCreate(configuration["CertificateFile"]!, TimeProvider.System);
        var options = new RelayOptions
        {
            Address = IPAddress.Loopback,
            Port = int.Parse(configuration["Port"]!),
            Platform = NodeId.TryParse(configuration["Platform"], out var platform) ? platform : null,
        };
        await using var relay = new RelayServer(options, certificate, new OpenAdmission(), TimeProvider.System);
        relay.Start();
        Console.WriteLine(JsonSerializer.Serialize(new { port = relay.Port, certificate = relay.Certificate.Value }));
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        return 0;
    }
}
