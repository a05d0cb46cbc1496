using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Availability;

namespace Orchestrator.Core.Tests.Availability;

public sealed class AvailabilityDemandTests
{
    private const string Accused = "accused";

    private static readonly AvailabilityRules Rules = new(5, 3, 4, TimeSpan.FromHours(1));

    [Fact]
    public void A_node_withholds_when_a_quorum_saw_nothing_often_enough_and_the_window_is_over()
    {
        var demand = Open();
        for (int round = 1; round <= 4; round++)
        {
            demand = demand.Round(Seeing(Sighting.Refused, Sighting.Unreachable, Sighting.Unfit), new NodeHearing(Heard: true, DoorProven: true)).Close(Given.Now + Rules.Interval * round - TimeSpan.FromTicks(1));
            demand.Outcome.ShouldBeNull();
        }

        demand.Close(Given.Now + Rules.Window).Outcome.ShouldBe(DemandOutcome.Withheld);
    }

    [Fact]
    public void An_answer_ends_it_whatever_was_said()
    {
        var demand = Open();
        for (int round = 0; round < 4; round++)
            demand = demand.Round(Seeing(Sighting.Refused, Sighting.Refused, Sighting.Refused, Sighting.Refused, Sighting.Refused), new NodeHearing(Heard: true, DoorProven: true));

        demand.Answer().Close(Given.Now + Rules.Window).Outcome.ShouldBe(DemandOutcome.Answered);
    }

    [Fact]
    public void Several_nodes_of_one_host_and_the_accused_host_itself_are_no_quorum()
    {
        WitnessStatement[] sameHost = [.. Enumerable.Range(0, 5).Select(i => new WitnessStatement(Given.NodeOf($"n{i}"), i < 3 ? "one" : Accused, Sighting.Refused))];
        var demand = Open();
        for (int round = 0; round < Rules.MostRounds; round++)
            demand = demand.Round(sameHost, new NodeHearing(Heard: true, DoorProven: true)).Close(Given.Now);

        demand.Counted.ShouldBe(0);
        demand.Outcome.ShouldBe(DemandOutcome.Open);
    }

    [Fact]
    public void What_is_demanded_after_the_node_had_to_keep_it_proves_nothing()
    {
        var demand = AvailabilityDemand.Open(Accused, Rules, Given.Now, Given.Now + Rules.Window - TimeSpan.FromTicks(1));
        for (int round = 0; round < 4; round++)
            demand = demand.Round(Seeing(Sighting.Refused, Sighting.Refused, Sighting.Refused), new NodeHearing(Heard: true, DoorProven: true));

        demand.Close(Given.Now + Rules.Window).Outcome.ShouldBe(DemandOutcome.Open);
    }

    [Fact]
    public void A_node_that_nobody_reaches_and_the_platform_does_not_hear_from_withholds_nothing()
    {
        var (silent, heard) = (Open(), Open());
        for (int round = 0; round < Rules.MostRounds; round++)
        {
            silent = silent.Round(Seeing(Sighting.Unreachable, Sighting.Unreachable, Sighting.Unreachable, Sighting.Refused, Sighting.Refused), new NodeHearing(Heard: false, DoorProven: true)).Close(Given.Now);
            heard = heard.Round(Seeing(Sighting.Unreachable, Sighting.Unreachable, Sighting.Unreachable), new NodeHearing(Heard: true, DoorProven: true)).Close(Given.Now);
        }

        silent.Outcome.ShouldBe(DemandOutcome.Open);
        heard.Close(Given.Now + Rules.Window).Outcome.ShouldBe(DemandOutcome.Withheld);
    }

    [Fact]
    public void Whatever_witnesses_say_nothing_counts_against_a_node_that_has_not_shown_that_it_can_answer()
    {
        var demand = Open();
        for (int round = 0; round < Rules.MostRounds; round++)
            demand = demand.Round(Seeing(Sighting.Refused, Sighting.Refused, Sighting.Unfit, Sighting.Unreachable, Sighting.Refused), new NodeHearing(Heard: true, DoorProven: false)).Close(Given.Now + Rules.Window);

        demand.Outcome.ShouldBe(DemandOutcome.Open);
        demand.Excused.ShouldBe(demand.Asked, "the node owes an answer all the same");
    }

    /// <summary>Any sequence of rounds, by witnesses of any honesty, at any times.</summary>
    [Fact]
    public void Every_demand_ends_and_never_against_a_node_that_answers_or_that_too_few_saw() => Gen.Select(
        Gen.Enum<Sighting>().Array[0, 6].Array[12], Gen.Int[-1, 12], Gen.Int[1, 40].Array[12], Gen.Select(Gen.Bool, Gen.Bool, (heard, proven) => new NodeHearing(heard, proven)).Array[12]).Sample((rounds, answersBefore, minutes, hearings) =>
    {
        var demand = Open();
        var now = Given.Now;
        int counted = 0;
        for (int round = 0; demand.Outcome is null; round++)
        {
            round.ShouldBeLessThanOrEqualTo(12, "the demand does not end");
            if (round == answersBefore)
            {
                demand = demand.Answer();
                break;
            }

            var saw = rounds[Math.Min(round, 11)];
            var hearing = hearings[Math.Min(round, 11)];
            counted += hearing.DoorProven && saw.Count(s => s is Sighting.Refused or Sighting.Unfit || hearing.Heard && s == Sighting.Unreachable) >= Rules.Quorum ? 1 : 0;
            demand = demand.Round(Seeing(saw), hearing);
            now += TimeSpan.FromMinutes(minutes[Math.Min(round, 11)]);
            demand = demand.Close(now);
            if (demand.Outcome is null && demand.Counted >= Rules.Rounds)
                demand = demand.Close(now = now > demand.AnswerUntil ? now : demand.AnswerUntil);
        }

        if (demand.Outcome != DemandOutcome.Withheld)
            return;
        counted.ShouldBeGreaterThanOrEqualTo(Rules.Rounds);
        now.ShouldBeGreaterThanOrEqualTo(Given.Now + Rules.Window);
        demand.Answer().ShouldBeSameAs(demand);
        demand.Round([], new NodeHearing(Heard: true, DoorProven: true)).ShouldBeSameAs(demand);
    }, iter: 5_000);

    [Theory]
    [InlineData(5, 2, 4)]
    [InlineData(5, 6, 4)]
    [InlineData(5, 3, 0)]
    [InlineData(65, 40, 1)]
    public void Rules_that_make_no_sense_are_refused(int witnesses, int quorum, int rounds) =>
        Should.Throw<ArgumentException>(() => new AvailabilityRules(witnesses, quorum, rounds, TimeSpan.FromHours(1)).Validate());

    private static AvailabilityDemand Open() => AvailabilityDemand.Open(Accused, Rules, Given.Now, Given.Now + TimeSpan.FromDays(2));

    private static WitnessStatement[] Seeing(params Sighting[] saw) => [.. saw.Select((s, i) => new WitnessStatement(Given.NodeOf($"witness {i}"), $"host {i}", s))];
}
