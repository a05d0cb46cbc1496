using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Orchestrator.Functions;
using Orchestrator.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddControlPlaneFunctions(FunctionsOptions.Load(builder.Configuration));
builder.Services.AddOrchestratorTelemetry(builder.Configuration, "orchestrator-control-plane");
await builder.Build().RunAsync();
