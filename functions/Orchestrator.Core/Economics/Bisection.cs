namespace Orchestrator.Core.Economics;

/// <summary>Where a condition changes.</summary>
internal static class Bisection
{
    private const int Halvings = 100;

    /// <summary>A value for which the condition holds, next to where it stops to; it must hold at <paramref name="low"/>, not at <paramref name="high"/>, and change once.</summary>
    public static double LargestTrue(double low, double high, Func<double, bool> holds)
    {
        for (int i = 0; i < Halvings; i++)
        {
            double middle = low + (high - low) / 2;
            if (holds(middle))
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>A value for which the condition holds, next to where it starts to; it must hold at <paramref name="high"/>, not at <paramref name="low"/>, and change once.</summary>
    public static double SmallestTrue(double low, double high, Func<double, bool> holds)
    {
        for (int i = 0; i < Halvings; i++)
        {
            double middle = low + (high - low) / 2;
            if (holds(middle))
                high = middle;
            else
                low = middle;
        }

        return high;
    }
}
