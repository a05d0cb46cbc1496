namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>Capitals of countries, asked from either end.</summary>
public sealed class Capitals : IQuestionKind
{
    private static readonly (string Country, string City)[] Facts =
    [
        ("France", "Paris"), ("Germany", "Berlin"), ("Italy", "Rome"), ("Spain", "Madrid"), ("Portugal", "Lisbon"), ("Ireland", "Dublin"),
        ("Norway", "Oslo"), ("Sweden", "Stockholm"), ("Finland", "Helsinki"), ("Denmark", "Copenhagen"), ("Iceland", "Reykjavik"),
        ("Poland", "Warsaw"), ("Austria", "Vienna"), ("Hungary", "Budapest"), ("Greece", "Athens"), ("Belgium", "Brussels"),
        ("Switzerland", "Bern"), ("Croatia", "Zagreb"), ("Serbia", "Belgrade"), ("Romania", "Bucharest"), ("Bulgaria", "Sofia"),
        ("Ukraine", "Kyiv"), ("Latvia", "Riga"), ("Estonia", "Tallinn"), ("Lithuania", "Vilnius"), ("Turkey", "Ankara"),
        ("Egypt", "Cairo"), ("Morocco", "Rabat"), ("Kenya", "Nairobi"), ("Ghana", "Accra"), ("Nigeria", "Abuja"), ("Senegal", "Dakar"),
        ("Tunisia", "Tunis"), ("Ethiopia", "Addis Ababa"), ("Uganda", "Kampala"), ("Angola", "Luanda"), ("Japan", "Tokyo"),
        ("China", "Beijing"), ("India", "New Delhi"), ("Nepal", "Kathmandu"), ("Thailand", "Bangkok"), ("Vietnam", "Hanoi"),
        ("Mongolia", "Ulaanbaatar"), ("Iran", "Tehran"), ("Iraq", "Baghdad"), ("Jordan", "Amman"), ("Lebanon", "Beirut"),
        ("Canada", "Ottawa"), ("Mexico", "Mexico City"), ("Cuba", "Havana"), ("Peru", "Lima"), ("Chile", "Santiago"),
        ("Colombia", "Bogota"), ("Ecuador", "Quito"), ("Argentina", "Buenos Aires"), ("Uruguay", "Montevideo"), ("Venezuela", "Caracas"),
        ("Australia", "Canberra"), ("New Zealand", "Wellington"), ("Fiji", "Suva"),
    ];

    private static readonly Phrasings OfCountry = new(
    [
        "What is the capital of {country}?", "What's the capital of {country}?", "Which city is the capital of {country}?",
        "Name the capital of {country}.", "Tell me the capital of {country}.", "What is the capital city of {country}?",
        "What is {country}'s capital?", "Capital of {country}?", "Give me the capital of {country}.", "Do you know the capital of {country}?",
        "Which city is {country}'s capital?", "Can you tell me the capital of {country}?", "I forgot the capital of {country}.",
        "Which is the capital of {country}?", "Name {country}'s capital city.", "Please say what the capital of {country} is.",
    ],
    [
        "Can you name the capital city of {country}?", "What city is the capital of {country}?", "Tell me what the capital of {country} is.",
        "Which city is the capital city of {country}?", "Tell me {country}'s capital.", "Do you know what the capital of {country} is?",
    ]);

    private static readonly Phrasings OfCity = new(
    [
        "{city} is the capital of which country?", "Which country has {city} as its capital?", "Which country's capital is {city}?",
        "What country is {city} the capital of?", "Of which country is {city} the capital?", "Name the country whose capital is {city}.",
        "{city} is the capital city of which country?", "Tell me which country has the capital {city}.",
    ],
    [
        "Tell me the country whose capital is {city}.", "{city} is the capital of what country?", "Which country is {city} the capital of?",
    ]);

    public string Name => "capitals";

    public int Weight => 12;

    public Question Next(SplitMix random, Split split)
    {
        var (country, city) = random.Pick(Facts);
        return random.Chance(75)
            ? new(Name, OfCountry.ForFact(random, split).Replace("{country}", country), $"The capital of {country} is {city}.")
            : new(Name, OfCity.ForFact(random, split).Replace("{city}", city), $"{city} is the capital of {country}.");
    }

    public bool IsTrue(Question question) => Facts.Any(fact =>
        (question.Text.Contains(fact.Country, StringComparison.OrdinalIgnoreCase) && question.Answer == $"The capital of {fact.Country} is {fact.City}.")
        || (question.Text.Contains(fact.City, StringComparison.OrdinalIgnoreCase) && question.Answer == $"{fact.City} is the capital of {fact.Country}."));
}
