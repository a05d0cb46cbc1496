using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Orchestrator.Functions.Tests.Harness;

namespace Orchestrator.Functions.Tests;

/// <summary>What the plain build compiles against is declared as in the real packages, so that the real app compiles too and means the same.</summary>
public sealed class StubsTests : IDisposable
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
    private static readonly Assembly Stubs = typeof(FunctionAttribute).Assembly;

    private readonly WorkerPackages real = new();

    public static TheoryData<string> Declared => [.. Stubs.GetExportedTypes().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Declared))]
    public void A_declared_type_is_that_of_the_package(string name)
    {
        var actual = real.FindType(name).ShouldNotBeNull($"No package has {name}.");

        Head(actual).ShouldBe(Head(Stubs.GetType(name)!));
    }

    [Theory]
    [MemberData(nameof(Declared))]
    public void Every_declared_member_is_in_the_package(string name)
    {
        var actual = Members(real.FindType(name).ShouldNotBeNull($"No package has {name}."), Public | BindingFlags.FlattenHierarchy);

        Members(Stubs.GetType(name)!, Public | BindingFlags.DeclaredOnly).Except(actual).ShouldBeEmpty($"{name} has: {string.Join("; ", actual)}");
    }

    [Fact]
    public void The_compared_assemblies_are_not_the_declarations_themselves() =>
        real.FindType(typeof(FunctionAttribute).FullName!).ShouldNotBeNull().Assembly.ShouldNotBe(Stubs);

    public void Dispose() => real.Dispose();

    private static string Head(Type type)
    {
        var usage = type.GetCustomAttribute<AttributeUsageAttribute>();
        return $"{(type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class")} {type} : {type.BaseType}, abstract {type.IsAbstract}, sealed {type.IsSealed}, on {usage?.ValidOn}";
    }

    private static List<string> Members(Type type, BindingFlags flags) =>
    [
        .. type.GetConstructors(flags & ~BindingFlags.Static).Select(c => $"new({Parameters(c)})"),
        .. type.GetMethods(flags).Select(m => $"{(m.IsStatic ? "static " : "")}{m.ReturnType} {m.Name}({Parameters(m)})"),
        .. type.IsEnum ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => $"{f.Name} = {f.GetRawConstantValue()}") : [],
    ];

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{(p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{p.ParameterType} {p.Name}"));
}
