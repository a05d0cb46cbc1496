using System.Reflection;
using System.Runtime.CompilerServices;
using Orchestrator.Durable.Analysis;

namespace Orchestrator.Durable;

/// <summary>
/// Looks for calls in workflow code that replay cannot repeat: clocks, randomness, new ids, threads, I/O, awaits off the context. It reads
/// compiled code, so that one test covers every workflow of an assembly. Calls are followed through methods and lambdas of the same
/// assembly; what hides behind an interface, a delegate from elsewhere or another assembly is not seen.
/// </summary>
public static class WorkflowCode
{
    /// <summary>What is wrong in any class of this assembly that implements <see cref="IWorkflow{TInput,TOutput}"/>; empty when nothing is.</summary>
    public static IReadOnlyList<string> Violations(Assembly assembly) =>
        [.. assembly.GetTypes().Where(IsWorkflow).SelectMany(Violations)];

    /// <summary>What is wrong in one workflow class.</summary>
    public static IReadOnlyList<string> Violations(Type workflow)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var violations = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>(workflow.GetMethods(declared));
        while (open.TryPop(out var method))
        {
            if (!seen.Add(method) || IsIteratorsOwn(method))
            {
                continue;
            }
            if (method.GetCustomAttribute<StateMachineAttribute>() is { StateMachineType: var machine })
            {
                open.Push(machine.GetMethod("MoveNext", declared)!);
            }
            foreach (var called in MethodCalls.In(method))
            {
                if (BannedCalls.Advice(called) is { } advice)
                {
                    violations.Add($"{workflow.Name} calls {called.DeclaringType?.Name}.{called.Name}: {advice}");
                }
                else if (called.Module.Assembly == workflow.Assembly)
                {
                    open.Push(called);
                }
            }
        }
        return [.. violations];
    }

    /// <summary>An iterator asks for its thread, to know whether it may hand itself out; the code of its author is in MoveNext, which is looked at by itself.</summary>
    static bool IsIteratorsOwn(MethodBase method) =>
        method is { Name: not "MoveNext", DeclaringType: { } type }
        && type.IsDefined(typeof(CompilerGeneratedAttribute))
        && typeof(System.Collections.IEnumerator).IsAssignableFrom(type);

    static bool IsWorkflow(Type type) =>
        type is { IsClass: true, IsAbstract: false }
        && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IWorkflow<,>));
}
