namespace Orchestrator.Trainer.Corpus;

/// <summary>Words to spell, turn around and sort: half of them English, half made up of syllables.</summary>
public static class Words
{
    private const string Consonants = "bcdfghjklmnpqrstvwxyz";
    private const string Vowels = "aeiou";

    public static string[] English { get; } = """
        air ant apple arm army atom axe baby back ball banana band bank barn base bath beach bean bear bed bee bell belt bench bird block
        blue board boat body bone book boot bottle bowl box boy branch brass bread brick bridge brother brown bucket bus butter cabin cake
        camel camera camp candle car card carpet carrot castle cat chain chair chalk cheese cherry chess chest child circle city class clay
        clock cloth cloud coal coat coffee coin cold color comb cook copper corn cotton cow crab cream crow crown cup dance day deer desert
        desk dish doctor dog doll door dragon dream dress drum duck dust eagle ear earth east egg engine eye face farm father feather fence
        field finger fire fish flag flame floor flower fly fog food foot forest fork fox frame friend frog fruit game garden gate ghost
        giant girl glass glove goat gold goose grape grass green guitar hair hall hammer hand harbor hat hawk heart hill honey hood hook
        horn horse hotel house ice ink iron island ivory jacket jar jelly jewel job judge juice jungle key king kitchen kite knee knife
        knot ladder lady lake lamb lamp land laugh lawn leaf leg lemon letter light lily lion lip list lock log lunch machine magnet
        maple map market mask meal melon metal milk mint mirror money monkey moon morning mother motor mouse mouth music nail name neck
        needle nest net night noise north nose nurse oak ocean office oil olive onion orange oven owl page paint palace palm pan paper
        parrot party path pea peach pear pen pencil pepper phone piano picture pig pillow pilot pin pine pipe planet plant plate plum
        pocket poem pony pool potato pot prince purple queen quilt rabbit radio rain ranch rat red rice ring river road robin robot rock
        roof room root rope rose rug ruler sail salt sand saw scarf school sea seed shark sheep shell ship shirt shoe shop silk silver
        sister skate sky sled smoke snail snake snow soap sock sofa soup south spade spider spoon spring square stair star station steam
        stone storm stove street string sugar summer sun swan sword table tail tea teeth tent thread throat thumb ticket tiger time tin
        toad toe tomato tongue tool torch tower town toy train tree truck trumpet tulip tunnel turtle uncle valley van vase vest village
        violin voice wagon wall water wave wax west whale wheat wheel whip wind window wine wing winter wolf wood wool word worm yard
        yarn year yellow zebra zero zoo
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A word of 3 to 7 letters.</summary>
    public static string Draw(SplitMix random) => random.Chance(50) ? random.Pick(English) : Invent(random);

    private static string Invent(SplitMix random)
    {
        var vowel = random.Chance(30);
        return string.Create(random.Between(3, 7), (random, vowel), static (letters, state) =>
        {
            foreach (ref var letter in letters)
            {
                letter = state.vowel ? Vowels[state.random.Next(Vowels.Length)] : Consonants[state.random.Next(Consonants.Length)];
                state.vowel = !state.vowel ? state.random.Chance(85) : state.random.Chance(10);
            }
        });
    }
}
