namespace Orchestrator.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("run")]
    [InlineData("model", "shard")]
    [InlineData("up", "--nodes", "many")]
    [InlineData("completion", "powershell")]
    [InlineData("demo", "-o", "xml")]
    public async Task A_wrong_command_line_is_one_line_on_standard_error_and_code_2(params string[] args)
    {
        var run = await CommandLineRun.Of(args);

        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Err.TrimEnd().ShouldStartWith("error: ");
        run.Err.TrimEnd().ShouldNotContain("\n");
        run.Err.ShouldContain("--help");
    }

    [Fact]
    public async Task Options_out_of_range_name_the_range_before_anything_starts()
    {
        var run = await CommandLineRun.Of("up", "--nodes", "0", "--data", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("1 to 64");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("jobs", "submit")]
    public async Task A_token_limit_below_1_is_refused_by_the_name_of_its_flag(params string[] command)
    {
        var run = await CommandLineRun.Of([.. command, "hello", "--max-tokens", "0"]);

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("--max-tokens");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("jobs", "submit")]
    public async Task An_unknown_assurance_is_answered_with_those_there_are(params string[] command)
    {
        var run = await CommandLineRun.Of([.. command, "hello", "--assurance", "redundant:9"]);

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("none, sampled, redundant:k");
    }

    [Theory]
    [InlineData("--confirm", "aaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData]
    public async Task Unbonding_needs_the_node_id_twice_where_nobody_can_be_asked(params string[] confirm)
    {
        using var key = new TempKey("sk-test");

        var run = await CommandLineRun.Of(["stake", "unbond", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "5", .. confirm, "--endpoint", "http://127.0.0.1:9", "--key-file", key.Path]);

        run.ExitCode.ShouldBe(2);
        run.Err.ShouldContain("aaaaaaaaaaaaaaaaaaaaaaaaaa");
        run.Err.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task A_file_that_holds_no_receipts_is_named()
    {
        using var file = new TempKey("{}");

        var run = await CommandLineRun.Of("receipts", "verify", file.Path);

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain(file.Path);
    }

    [Fact]
    public async Task Doctor_looks_at_the_network_it_is_given()
    {
        using var key = new TempKey("sk-test");

        var run = await CommandLineRun.Of("doctor", "--endpoint", "http://127.0.0.1:9", "--key-file", key.Path, "-o", "json");

        run.ExitCode.ShouldBe(1);
        run.Out.ShouldContain("http://127.0.0.1:9");
    }

    [Fact]
    public async Task Help_lists_every_command_but_not_the_child_processes()
    {
        var run = await CommandLineRun.Of("--help");

        run.ExitCode.ShouldBe(0);
        foreach (string command in new[] { "demo", "up", "run", "model", "nodes", "jobs", "receipts", "disputes", "stake", "economics", "drill", "doctor", "completion" })
            run.Out.ShouldContain("  " + command);
        run.Out.ShouldNotContain("sidecar");
        run.Out.ShouldNotContain("control-plane");
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _orchestrator orchestrator")]
    [InlineData("zsh", "compdef _orchestrator orchestrator")]
    [InlineData("fish", "complete -c orchestrator")]
    public async Task Completion_prints_a_script_for_the_shell(string shell, string line)
    {
        var run = await CommandLineRun.Of("completion", shell);

        run.ExitCode.ShouldBe(0);
        run.Out.ShouldContain(line);
    }

    [Fact]
    public async Task The_completion_directive_suggests_commands()
    {
        var run = await CommandLineRun.Of("[suggest:15]", "orchestrator mo");

        run.Out.ShouldContain("model");
    }

    [Fact]
    public async Task Without_a_network_a_command_says_how_to_get_one()
    {
        using var key = new TempKey("sk-test");

        var run = await CommandLineRun.Of("nodes", "list", "--endpoint", "http://127.0.0.1:9", "--key-file", key.Path);

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain("orchestrator up");
        run.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_file_that_holds_no_key_is_named_and_its_content_is_not()
    {
        using var key = new TempKey("secret one\nsecret two");

        var run = await CommandLineRun.Of("nodes", "list", "--endpoint", "http://127.0.0.1:9", "--key-file", key.Path);

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain(key.Path);
        run.Err.ShouldNotContain("secret");
    }
}
