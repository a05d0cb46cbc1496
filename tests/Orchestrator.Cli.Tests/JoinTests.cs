using Orchestrator.Contracts;
using Orchestrator.Local;

namespace Orchestrator.Cli.Tests;

/// <summary>The ticket that <c>up --address</c> prints and <c>join</c> takes.</summary>
public sealed class JoinTests : IDisposable
{
    private static readonly JoinTicket Ticket = new(new Uri("https://10.1.2.3:8443"), Digest.Of("certificate"u8), new string('a', 64), "10.1.2.3:8444");

    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-join-").FullName;

    [Theory]
    [InlineData(null)]
    [InlineData("10.1.2.3:8444")]
    [InlineData("relay.example.org:8444")]
    public void A_ticket_reads_back_as_it_was_written(string? relay)
    {
        var ticket = Ticket with { Relay = relay };

        JoinTicket.TryParse(ticket.ToString(), out var read).ShouldBeTrue();

        read.ShouldBe(ticket);
    }

    [Fact]
    public void Anything_else_is_no_ticket()
    {
        string text = Ticket.ToString();
        string[] others =
        [
            "", "10.1.2.3:8443", text.Replace("https", "http"), text.Replace("10.1.2.3:8443", "me:you@10.1.2.3:8443"), text.Replace("certificate=", "certificate=0"), text.Replace("platform=a", "platform=A"),
            text + "&more=1", text + "#part", text.Replace("/?", "/path?"), text[..^1] + " ", new('x', 2000),
        ];

        others.Where(other => JoinTicket.TryParse(other, out _)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_line_that_is_no_ticket_is_refused_before_anything_starts()
    {
        var run = await CommandLineRun.Of("join", "https://10.1.2.3:8443", "--data", folder);

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("orchestrator up --address");
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_relay_the_worker_has_to_say_where_it_can_be_dialled()
    {
        var run = await CommandLineRun.Of("join", (Ticket with { Relay = null }).ToString(), "--data", folder);

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("--address");
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("up", "--nodes", "0", "--address", "10.1.2.3")]
    [InlineData("up", "--nodes", "0", "--expect", "1", "--chains", "2", "--address", "10.1.2.3")]
    [InlineData("up", "--address", "not a name")]
    [InlineData("up", "--address", "10.1.2.3", "--gateway-port", "65535")]
    public async Task A_network_that_could_not_serve_is_not_started(params string[] args)
    {
        var run = await CommandLineRun.Of([.. args, "--data", folder]);

        run.ExitCode.ShouldBe(2);
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
