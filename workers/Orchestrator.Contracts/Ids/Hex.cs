using System.Buffers;

namespace Orchestrator.Contracts;

internal static class Hex
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    internal static bool IsLower(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Digits) < 0;
}
