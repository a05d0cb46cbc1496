using CsCheck;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Tests.Time;

public sealed class DaprScheduleTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Theory]
    [InlineData("1h2m3s4ms", 3_723_004)]
    [InlineData("1.5s", 1500)]
    [InlineData("0", 0)]
    [InlineData("-1ms", -1)]
    [InlineData("2us", 0.002)]
    [InlineData("PT1M", 60_000)]
    [InlineData("P1DT", 86_400_000)]
    public void Durations_are_read(string text, double milliseconds)
    {
        DaprDuration.TryParse(text, out var value).ShouldBeTrue();
        value.ShouldBe(TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1x")]
    [InlineData("1..5s")]
    [InlineData("99999999999999999999h")]
    [InlineData("9000000000000000000h")]
    [InlineData("PT")]
    [InlineData("-")]
    public void Nonsense_is_no_duration(string text) => DaprDuration.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_written_duration_is_read_back() =>
        Gen.Long[0, 1L << 45].Sample(ms =>
        {
            var value = TimeSpan.FromMilliseconds(ms);
            DaprDuration.TryParse($"{(long)value.TotalHours}h{value.Minutes}m{value.Seconds}s{value.Milliseconds}ms", out var read).ShouldBeTrue();
            read.ShouldBe(value);
        });

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.OneOf<string>(Gen.String[Gen.Char[' ', '~'], 0, 30], Gen.String[Gen.OneOf("0123456789.-+hmsuPTDR/@every ".ToCharArray()), 0, 20]).Sample(text =>
        {
            DaprSchedule.Parse(text, text, text, Now, out _);
        }, iter: 20_000);

    [Theory]
    [InlineData("10s", 10_000, null)]
    [InlineData("@every 2s", 2000, null)]
    [InlineData("R5/PT10S", 10_000, 5)]
    [InlineData("R3/10s", 10_000, 3)]
    [InlineData("0s", 1, null)]
    public void Periods_give_step_and_count(string period, int milliseconds, int? repetitions)
    {
        var schedule = DaprSchedule.Parse(null, period, null, Now, out var error).ShouldNotBeNull(error);

        schedule.Every.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
        schedule.Repetitions.ShouldBe(repetitions);
    }

    [Fact]
    public void A_negative_period_ticks_once() => DaprSchedule.Parse("1s", "-1ms", null, Now, out _)!.AfterTick().ShouldBeNull();

    [Fact]
    public void Days_in_a_repeated_period_are_refused_as_the_scheduler_does()
    {
        DaprSchedule.Parse(null, "R3/P1DT", null, Now, out var error).ShouldBeNull();
        error.ShouldContain("period");
    }

    [Fact]
    public void Ticks_end_with_their_count_or_their_lifetime()
    {
        var counted = DaprSchedule.Parse("1s", "R3/PT10S", null, Now, out _);
        var ticks = new List<DateTimeOffset>();
        for (var s = counted; s is not null; s = s.AfterTick())
        {
            ticks.Add(s.Due);
        }
        ticks.ShouldBe([Now.AddSeconds(1), Now.AddSeconds(11), Now.AddSeconds(21)]);

        DaprSchedule.Parse("0s", "10s", "15s", Now, out _)!.AfterTick()!.AfterTick().ShouldBeNull();
    }
}
