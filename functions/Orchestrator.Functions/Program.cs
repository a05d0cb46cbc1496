using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orchestrator.ControlPlane;
using Orchestrator.Functions;
using Orchestrator.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddControlPlaneFunctions(builder.Configuration.GetSection("ControlPlane").Get<ControlPlaneOptions>() ?? new ControlPlaneOptions());
builder.Services.AddOrchestratorTelemetry(builder.Configuration, "orchestrator-control-plane");
await builder.Build().RunAsync();
